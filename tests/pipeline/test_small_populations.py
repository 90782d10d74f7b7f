"""Small populations in what is published."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.core.disclosure.collapse import OTHER
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.formats.documents import read_json
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.published_rules import check_published, fetcher
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.services import Services
from tests.support.backends import Backend
from tests.support.deployment import published_bytes, run_all, services_over, upload
from tests.support.pings import key, ping, ping_file
from tests.support.shared import make_pings

FEWEST = 4


@pytest.fixture
def services(state_backend: Backend, tmp_path: Path) -> Services:
    made = services_over(state_backend.client(), Options(publish_limits=PublishLimits(minimum_submissions=FEWEST)))
    make_pings(tmp_path, files=4, pings=12)
    upload(made.input, tmp_path)
    run_all(made)
    return made


def rows(services: Services) -> list[list[float]]:
    index = load_current(services.published).index
    return [
        row
        for path in index.paths().values()
        for info in services.published.list(f"{path}/")
        if info.key.endswith("-date.json")
        for lines in read_json(services.published.get(info.key).body).values()
        for row in lines
    ]


def test_no_published_cell_has_fewer_submissions_than_the_minimum(services: Services) -> None:
    found = rows(services)
    assert found
    assert min(row[-2] for row in found) >= FEWEST
    assert list(check_published(fetcher(services.published))) == []


def test_the_tree_has_a_place_for_what_collapsed_and_health_says_how_much_that_is(services: Services) -> None:
    index = load_current(services.published).index
    for path in index.paths().values():
        assert OTHER in read_json(services.published.get(f"{path}/filter-tree.json").body)
    health = read_json(services.published.get(f"current/{index.stamp}/health.json").body)["versions"]
    assert sum(facts["small_cells"] for facts in health.values()) > 0, health


def test_another_minimum_publishes_everything_again(services: Services) -> None:
    before = len(rows(services))
    other = replace(services, options=replace(services.options, publish_limits=PublishLimits(minimum_submissions=1)))
    publish(other)
    assert len(rows(other)) > before


def tree(services: Services, name: str = "nightly/28") -> dict[str, Any]:
    path = load_current(services.published).index.paths()[name]
    value: dict[str, Any] = read_json(services.published.get(f"{path}/filter-tree.json").body)
    return value


def health(services: Services) -> dict[str, Any]:
    stamp = load_current(services.published).index.stamp
    value: dict[str, Any] = read_json(services.published.get(f"current/{stamp}/health.json").body)["versions"]
    return value


def with_limits(services: Services, **limits: Any) -> Services:
    return replace(services, options=replace(services.options, publish_limits=PublishLimits(**limits)))


def systems(services: Services) -> set[str]:
    """The options of OS anywhere in the tree."""
    apps = [app for name, app in tree(services).items() if name not in ("name", "_id")]
    nodes = [node for app in apps for name, node in app.items() if name not in ("name", "_id")]
    return {option for node in nodes for option in node if option not in ("name", "_id")}


SYSTEMS = (("WINNT", "6.1", "x86"), ("WINNT", "6.2", "x86"), ("Darwin", "13.0", "x86-64"), ("Linux", "3.1", "x86"))


@pytest.fixture
def usual(state_backend: Backend) -> Services:
    """Three builds, each by four populations of different sizes."""
    made = services_over(state_backend.client())
    pings = [ping(system=system) for number, system in enumerate(SYSTEMS) for _ in range(5 - number)]
    for build in (1, 2, 3):
        made.input.put(key("a", build=build), ping_file(*pings))
    run_all(made)
    return made


def test_a_list_of_options_is_heeded_by_the_next_publish_without_any_reprocessing(usual: Services) -> None:
    before = published_bytes(usual.published)
    assert systems(usual) == {"WINNT", "Darwin", "Linux"}
    listed = with_limits(usual, allowed_options=(("OS", ("WIN*", "Darwin")),))
    publish(listed)
    assert systems(listed) == {"WINNT", "Darwin", OTHER}
    (part,) = health(listed)["nightly/28"]["collapsed"]
    assert (part["reason"], part["dimension"], part["number"]) == ("not-allowed", "OS", 1)
    assert 0 < part["pings"] < health(listed)["nightly/28"]["pings"]
    assert list(check_published(fetcher(listed.published))) == []
    assert list(verify(listed)) == []
    assert publish(listed).outcome == "nothing"
    found = {v.name: v.collapsed for v in status(listed, listed.published.now()).versions}
    assert found["nightly/28"] == (("not-allowed", "OS", 1, part["pings"]),)
    publish(usual)
    assert published_bytes(usual.published) == before


def test_health_does_not_repeat_options_that_are_not_allowed(usual: Services) -> None:
    listed = with_limits(usual, allowed_options=(("OS", ("WINNT",)),))
    publish(listed)
    assert "Darwin" not in str(health(listed))
    assert "Darwin" not in str(tree(listed))


def test_no_measure_has_more_rows_than_cells_are_allowed(usual: Services) -> None:
    before = rows(usual)
    most = 9
    few = with_limits(usual, most_cells=most)
    publish(few)
    collapsed = {part["reason"]: part for facts in health(few).values() for part in facts["collapsed"]}
    assert collapsed.keys() == {"too-many-cells"}
    for path in load_current(few.published).index.paths().values():
        by_measure: Counter[str] = Counter()
        for info in few.published.list(f"{path}/"):
            if info.key.endswith("-date.json"):
                lines = read_json(few.published.get(info.key).body).values()
                by_measure[info.key.rpartition("-by-")[0].removesuffix("-")] += sum(map(len, lines))
        assert max(by_measure.values()) <= most
    assert sum(row[-2] for row in rows(few)) == sum(row[-2] for row in before)
    assert list(check_published(fetcher(few.published))) == []
    assert list(verify(few)) == []


def test_the_usual_limits_say_nothing_in_the_index(usual: Services) -> None:
    (state,) = [each for each in channel_states(usual) if each.name == "nightly/28"]
    assert load_current(usual.published).index.versions["nightly/28"].base == state.base().version
    assert all("collapsed" not in facts for facts in health(usual).values())
