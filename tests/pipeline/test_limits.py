"""Limits of pings through the whole pipeline: what is beyond them is counted, and readers are told."""

from dataclasses import replace

import pytest

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.kernels import SIMD
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.results import load_result
from telemetry_tasks.settings import load_settings
from tests.pipeline.publishing import assert_intact, latest, missing, seen, take_in
from tests.support.pings import ping
from tests.support.stage import Stage

OLD, GOOD, AHEAD = (f"saved_session/Firefox/nightly/28.0a1/{day}030201.20131205.v2.log.{day}.gz" for day in (
    "20130901", "20131201", "20131209"
))  # fmt: skip


def limited(stage: Stage, **settings: object) -> Stage:
    """The stage with limits as an operator sets them."""
    limits = load_settings(**{f"limit_{name}": value for name, value in settings.items()}).limits
    return stage.over(replace(stage.services, limits=limits))


@pytest.fixture(params=dict.fromkeys((kernel_of_scanner(), SIMD)))
def kernel_stage(stage: Stage, request: pytest.FixtureRequest) -> Stage:
    return stage.with_options(kernel=request.param)


def test_pings_of_implausible_dates_count_nowhere_and_health_says_how_many(kernel_stage: Stage) -> None:
    stage = limited(kernel_stage, build_age=30, build_ahead=2)
    take_in(stage, OLD, GOOD, AHEAD, pings=[ping(), ping()])
    publish(stage.services)
    assert_intact(stage)
    health = seen(stage, f"current/{latest(stage)}/health.json")["versions"]["nightly/28"]
    assert health["pings"] == 2
    assert health["bad_lines"] == {"build-date-too-old": 2, "build-date-too-new": 2}
    assert (health["first_build_date"], health["last_build_date"]) == ("20131201", "20131201")
    assert missing(stage) == {}
    assert list(verify(stage.services)) == []


def test_submissions_outside_the_window_count_nowhere(stage: Stage) -> None:
    stage = limited(stage, earliest_date="20131206")
    take_in(stage, GOOD, GOOD.replace("20131205", "20131206"))
    publish(stage.services)
    health = seen(stage, f"current/{latest(stage)}/health.json")["versions"]["nightly/28"]
    assert (health["pings"], health["bad_lines"]) == (1, {"submission-date-too-early": 1})


def test_a_stored_result_says_with_which_limits_it_was_made(stage: Stage) -> None:
    stage = limited(stage, build_age=30)
    take_in(stage, GOOD)
    (partition,) = stage.state().merged()
    assert load_result(stage.results, "nightly/28", partition).result.limits == (Limits(build_age=30).fingerprint,)
