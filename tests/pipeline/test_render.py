"""The rows themselves, and what surrounds them, as readers find them."""

from typing import Any

import pytest

from telemetry_tasks.pipeline.publish.snapshot import publish
from tests.pipeline.publishing import assert_intact, folder, seen, take_in
from tests.support.pings import CACHE, COUNT, FLAG, LENGTHS, UNKNOWN, histogram, key, ping, ping_file
from tests.support.stage import Stage

DARWIN = ("Darwin", "13.0.0", "x86-64")
LINUX = ("Linux", "3.11.0-12-generic", "x86-64")


def rows(stage: Stage, measure: str, by: str = "build") -> dict[str, list[list[float]]]:
    return seen(stage, f"{folder(stage)}/{measure}-by-{by}-date.json")


def definitions(stage: Stage) -> dict[str, Any]:
    return seen(stage, f"{folder(stage)}/histograms.json")


@pytest.fixture
def shown(stage: Stage) -> Stage:
    """Two builds, three populations, three submission days, four measures."""
    every = (FLAG, CACHE, COUNT, UNKNOWN)
    stage.upload(key("a", build=1, day=5), body=ping_file(ping(*every), ping(*every, bucket=2), ping(system=DARWIN)))
    stage.upload(key("b", build=2, day=3), body=ping_file(ping(FLAG, system=LINUX), ping(FLAG, system=DARWIN)))
    take_in(stage, key("c", build=1, day=4), pings=[ping(FLAG)])
    publish(stage.services)
    return stage


def test_every_rule_of_the_format_holds(shown: Stage) -> None:
    assert_intact(shown)


def test_both_files_exist_for_every_measure(shown: Stage) -> None:
    for measure in definitions(shown):
        for by in ("build", "submission"):
            assert rows(shown, measure, by)


def test_a_row_is_buckets_sums_submissions_and_filter_id(shown: Stage) -> None:
    tree = seen(shown, f"{folder(shown)}/filter-tree.json")
    leaf = tree["saved_session"]["Firefox"]["WINNT"]["6.1"]["x86"]["_id"]
    assert rows(shown, CACHE) == {"20131201": [[0, 1, 1, 0, 0, 0, 3, -1, -1, 5, 0, 2, leaf]]}
    assert rows(shown, CACHE, "submission") == {"20131205": [[0, 1, 1, 0, 0, 0, 3, -1, -1, 5, 0, 2, leaf]]}


def test_dates_and_ids_are_sorted_and_populations_apart(shown: Stage) -> None:
    by_build = rows(shown, FLAG)
    assert list(by_build) == ["20131201", "20131202"]
    assert {date: len(each) for date, each in by_build.items()} == {"20131201": 2, "20131202": 2}
    assert list(rows(shown, FLAG, "submission")) == ["20131203", "20131204", "20131205"]
    for each in by_build.values():
        assert [row[-1] for row in each] == sorted(row[-1] for row in each)


def test_the_filter_tree_has_the_dimensions_in_their_order(shown: Stage) -> None:
    node = seen(shown, f"{folder(shown)}/filter-tree.json")
    names = []
    while "name" in node:
        names.append(node["name"])
        node = next(child for option, child in node.items() if option not in ("name", "_id"))
    assert names == ["reason", "appName", "OS", "osVersion", "arch"]
    assert set(node) == {"_id"}


def test_linux_versions_are_cut_to_three_characters(shown: Stage) -> None:
    tree = seen(shown, f"{folder(shown)}/filter-tree.json")
    assert set(tree["saved_session"]["Firefox"]["Linux"]) == {"_id", "name", "3.1"}


def test_definitions_are_evaluated_numbers(shown: Stage) -> None:
    found = definitions(shown)
    assert (found[FLAG]["kind"], found[CACHE]["kind"], found[COUNT]["kind"]) == ("boolean", "enumerated", "exponential")
    for measure, definition in found.items():
        numbers = [definition[name] for name in ("low", "high", "n_buckets", "n_values") if name in definition]
        assert numbers, measure
        assert all(type(number) is int for number in numbers), measure


def test_a_measure_without_a_definition_says_so(shown: Stage) -> None:
    found = definitions(shown)[UNKNOWN]
    assert (found["kind"], found["n_values"]) == ("enumerated", LENGTHS[UNKNOWN] - 1)
    assert "does not define" in found["description"]
    health = seen(shown, f"current/{folder(shown).split('/')[1]}/health.json")
    assert health["versions"]["nightly/28"]["unknown_definitions"] == [UNKNOWN]


def test_a_definition_that_does_not_fit_the_data_is_not_used(stage: Stage) -> None:
    odd = ping()
    odd["histograms"] = {FLAG: [1, 2, 3, 4, *histogram(FLAG)[-5:]]}
    take_in(stage, key("a"), pings=[odd])
    publish(stage.services)
    assert (definitions(stage)[FLAG]["kind"], definitions(stage)[FLAG]["n_values"]) == ("enumerated", 3)
    assert len(rows(stage, FLAG)["20131201"][0]) == 4 + 7
    assert_intact(stage)


def test_simple_measurements_are_exponential(shown: Stage) -> None:
    found = definitions(shown)["SIMPLE_MEASURES_UPTIME"]
    assert (found["kind"], found["low"], found["high"], found["n_buckets"]) == ("exponential", 1, 30000, 50)
    assert found["description"] == "Histogram aggregation for simple measure: UPTIME"


def test_revisions_name_the_newest_build(shown: Stage) -> None:
    found = seen(shown, f"{folder(shown)}/revisions.json")
    assert found[FLAG]["buildId"] == "20131202030201"
    assert found[CACHE]["buildId"] == "20131201030201"
    assert found[FLAG]["length"] == LENGTHS[FLAG] + 6


def test_where_lengths_differ_the_newest_build_is_shown_whatever_came_first(stage: Stage) -> None:
    longer = ping(FLAG)
    longer["histograms"][FLAG] = [0, 1, 2, 3, *histogram(FLAG)[-5:]]
    take_in(stage, key("new", build=2), pings=[ping(FLAG)])
    take_in(stage, key("old", build=1), pings=[longer])
    publish(stage.services)
    assert list(rows(stage, FLAG)) == ["20131202"]
    take_in(stage, key("newer", build=3), pings=[longer])
    stage.clock.pass_(5)
    publish(stage.services)
    assert list(rows(stage, FLAG)) == ["20131201", "20131203"]
    assert_intact(stage)


def test_pings_that_came_too_late_count_by_build_date_only(stage: Stage) -> None:
    late = key("late", build=1).replace("20131205", "20140301")
    take_in(stage, late)
    publish(stage.services)
    assert list(rows(stage, FLAG)) == ["20131201"]
    assert rows(stage, FLAG, "submission") == {}
    assert_intact(stage)
