"""What one client invents is kept, and decides nothing: through the whole pipeline, in all that readers look at."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from telemetry_tasks.cli.status_screen import screen
from telemetry_tasks.core.plausible import Plausibility
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from tests.pipeline.publishing import assert_intact, folder, latest, processed, seen, take_in
from tests.support.pings import COUNT, FLAG, ping
from tests.support.stage import Stage

MANY = [ping() for _ in range(40)]
USUAL = "saved_session/Firefox/nightly/28.0a1/20131201030201.20131205.v2.log.a.gz"
TOO_NEW = "saved_session/Firefox/nightly/1024.0/20131201030201.20131205.v2.log.b.gz"
ABSURD = "saved_session/Firefox/nightly/99999999999999999999/20131201030201.20131205.v2.log.c.gz"
EPOCH = "saved_session/Firefox/nightly/28.0a1/19700101000000.20131205.v2.log.d.gz"
FUTURE = "saved_session/Firefox/nightly/28.0a1/20991231000000.20991231.v2.log.e.gz"
NEXT = "saved_session/Firefox/nightly/29.0a1/20131206030201.20131206.v2.log.f.gz"
BUILDS = {"first": "20131201", "last": "20131201", "number": 2, "pings": 2}
SENT = {"first": "20131205", "last": "20131205", "number": 1, "pings": 1}


def test_versions_of_one_client_are_published_and_said_to_be_implausible(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    take_in(stage, TOO_NEW, ABSURD)
    publish(stage.services)
    assert_intact(stage)
    odd = {"nightly": {"first": "28", "last": "28", "number": 2, "pings": 2}}
    shown = seen(stage, LATEST)
    assert (shown["implausible"], shown["usual"]) == ({"versions": odd, "dates": {}}, "nightly/28")
    assert shown["versions"] == ["nightly/1024", "nightly/28", "nightly/99999999999999999999"]
    assert seen(stage, f"current/{latest(stage)}/health.json")["implausible"] == odd
    assert processed(stage) == sorted([USUAL, TOO_NEW, ABSURD])
    assert list(verify(stage.services)) == []


def test_a_version_stops_to_be_implausible_when_it_is_not_rare_any_more(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    take_in(stage, TOO_NEW)
    publish(stage.services)
    assert "nightly" in seen(stage, LATEST)["implausible"]["versions"]
    take_in(stage, TOO_NEW.replace("log.b", "log.b2"), pings=MANY[:10])
    publish(stage.services)
    assert "implausible" not in seen(stage, LATEST)


def test_a_new_version_is_shown_from_its_first_ping_on(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    take_in(stage, NEXT)
    publish(stage.services)
    assert seen(stage, LATEST).get("usual") == "nightly/29"
    assert "implausible" not in seen(stage, LATEST)


def test_dates_of_one_client_are_published_and_move_no_end_of_health(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    take_in(stage, EPOCH, FUTURE)
    publish(stage.services)
    assert_intact(stage)
    dates = {"by-build-date": BUILDS, "by-submission-date": SENT}
    assert seen(stage, LATEST)["implausible"] == {"versions": {}, "dates": {"nightly/28": dates}}
    health = seen(stage, f"current/{latest(stage)}/health.json")["versions"]["nightly/28"]
    ends = (health["first_build_date"], health["last_build_date"], health["last_submission_date"])
    assert (ends, health["implausible"]) == (("20131201", "20131201", "20131205"), dates)
    measure = next(iter(seen(stage, f"{folder(stage)}/histograms.json")))
    assert list(seen(stage, f"{folder(stage)}/{measure}-by-build-date.json")) == ["19700101", "20131201", "20991231"]


def test_a_build_of_the_future_decides_no_length_and_no_definition(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    odd = ping()
    odd["histograms"][FLAG] = [1, 0, 0, 0, 0, 1, -1, -1, 1, 0]
    odd["histograms"]["ONLY_HERE"] = [1, 0, 0, 1, -1, -1, 1, 0]
    take_in(stage, FUTURE, pings=[odd])
    publish(stage.services)
    assert_intact(stage)
    rows = seen(stage, f"{folder(stage)}/{FLAG}-by-build-date.json")
    assert {day: sum(row[-2] for row in found) for day, found in rows.items()} == {"20131201": 40}
    assert "ONLY_HERE" in seen(stage, f"{folder(stage)}/histograms.json")
    assert list(verify(stage.services)) == []


def test_what_a_build_decided_before_it_was_implausible_is_published_again(stage: Stage) -> None:
    odd = ping()
    odd["histograms"][FLAG] = [1, 0, 0, 0, 0, 1, -1, -1, 1, 0]
    take_in(stage, FUTURE, pings=[odd])
    take_in(stage, USUAL)
    publish(stage.services)
    assert list(seen(stage, f"{folder(stage)}/{FLAG}-by-build-date.json")) == ["20991231"]
    take_in(stage, USUAL.replace("log.a", "log.more"), pings=[ping(COUNT) for _ in range(40)])
    publish(stage.services)
    assert list(seen(stage, f"{folder(stage)}/{FLAG}-by-build-date.json")) == ["20131201"]
    assert list(verify(stage.services)) == []


def test_other_thresholds_are_published_though_no_ping_came(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    take_in(stage, TOO_NEW, EPOCH)
    publish(stage.services)
    assert publish(stage.services).outcome == "nothing"
    options = replace(stage.services.options, plausibility=Plausibility(pings=0, share=0.0))
    open_minded = stage.over(replace(stage.services, options=options))
    assert publish(open_minded.services).outcome == "published"
    assert "implausible" not in seen(stage, LATEST)
    assert list(verify(open_minded.services)) == []


def test_status_says_what_is_not_shown(stage: Stage) -> None:
    take_in(stage, USUAL, pings=MANY)
    take_in(stage, TOO_NEW, ABSURD, EPOCH, FUTURE)
    publish(stage.services)
    found = status(stage.services, stage.published.now())
    assert found.implausible._asdict() == seen(stage, LATEST)["implausible"]
    console = Console(file=StringIO(), width=200)
    console.print(screen(found))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for line in (
        "nightly: 2 pings of 2 versions after 28; kept, and not shown by default",
        "nightly/28: 2 pings of 2 build dates outside 20131201 to 20131201",
        "nightly/28: 1 ping of 1 submission date outside 20131205 to 20131205",
    ):
        assert line in text
