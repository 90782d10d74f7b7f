"""Results over different files, added up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.result import CHANGED, NOT_FOUND, FileReport, Result, merge_results
from telemetry_tasks.errors import DataError
from tests.core.blocks import BLOCKS, numbers

NAMES = ("nightly/28", "beta/27")
CELLS = st.dictionaries(st.sampled_from(NAMES), BLOCKS, max_size=2)


def results(parts: list[dict[str, Cells]]) -> list[Result]:
    """A result for each part, over a file of its own."""
    return [
        Result(cells, (FileReport(f"file {n}", good=n),), "reading", (f"limits {n % 2}",))
        for n, cells in enumerate(parts)
    ]


@given(st.lists(CELLS, max_size=4))
def test_cells_add_up_by_channel_version(parts: list[dict[str, Cells]]) -> None:
    merged = merge_results(results(parts))
    assert merged.cells.keys() == {name for cells in parts for name in cells}
    for name, cells in merged.cells.items():
        assert numbers(cells) == numbers(add_cells([part[name] for part in parts if name in part]))


@given(
    st.lists(CELLS, max_size=4).flatmap(
        lambda parts: st.permutations(range(len(parts))).map(lambda order: (parts, order))
    )
)
def test_the_order_of_results_changes_nothing(given: tuple[list[dict[str, Cells]], list[int]]) -> None:
    parts, order = given
    some = results(parts)
    first, second = merge_results(some), merge_results([some[n] for n in order])
    assert (first.files, first.limits, first.reading) == (second.files, second.limits, second.reading)
    assert {name: numbers(cells) for name, cells in first.cells.items()} == {
        name: numbers(cells) for name, cells in second.cells.items()
    }


def test_files_are_sorted_and_their_pings_add_up() -> None:
    merged = merge_results([Result({}, (FileReport("b", good=2),)), Result({}, (FileReport("a", good=3),))])
    assert [report.key for report in merged.files] == ["a", "b"]
    assert merged.pings == 5


def test_the_limits_of_all_are_kept_once_each() -> None:
    assert merge_results([Result({}, (), "", ("x", "y")), Result({}, (), "", ("x",))]).limits == ("x", "y")


def test_nothing_is_an_empty_result() -> None:
    assert merge_results([]) == Result({})


def test_a_file_in_two_results_would_count_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        merge_results([Result({}, (FileReport("a"),)), Result({}, (FileReport("a"),))])


def test_rows_that_mean_different_things_are_not_added() -> None:
    with pytest.raises(DataError) as caught:
        merge_results([Result({}, reading="dimensions=a"), Result({}, reading="dimensions=b")])
    assert caught.value.reason == "mixed-settings"


@pytest.mark.parametrize(
    ("error", "there"),
    [(None, True), ("truncated", True), (NOT_FOUND, False), (CHANGED, False), (f"{CHANGED}: by somebody", False)],
)
def test_a_file_that_was_gone_or_replaced_was_not_there(error: str | None, there: bool) -> None:
    assert FileReport("a", error=error).was_there is there
