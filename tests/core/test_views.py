"""Parts and projections of blocks are linear: they may be taken before or after adding."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import EMPTY, Cells
from telemetry_tasks.core.shapes import Run
from telemetry_tasks.core.views import marginal, only, split
from tests.core.blocks import BLOCKS, NUMBERS, Numbers, block, numbers


def group_of(run: Run) -> int:
    return len(run.measure) % 3


@pytest.mark.parametrize("view", [marginal, lambda cells: only(cells, lambda run: run.width == 7)])
@given(a=BLOCKS, b=BLOCKS)
def test_a_view_of_a_sum_is_the_sum_of_the_views(view: Callable[[Cells], Cells], a: Cells, b: Cells) -> None:
    assert view(add_cells([a, b])).same(add_cells([view(a), view(b)]))
    assert view(add_cells([a, b], [1, -1])).same(add_cells([view(a), view(b)], [1, -1]))


@given(NUMBERS)
def test_the_marginal_counts_each_row_once_by_each_of_its_dates(added: Numbers) -> None:
    expected: Counter[tuple] = Counter()
    for (row, run, column), units in added.items():
        if row.build_date:
            expected[row._replace(submission_date=""), run, column] += units
        if row.submission_date:
            by_submission = row._replace(build_date="", build_id="", revision="")
            expected[by_submission, run, column] += units
    assert numbers(marginal(block(added))) == {at: units for at, units in expected.items() if units}


@given(BLOCKS)
def test_the_marginal_of_a_marginal_is_itself(cells: Cells) -> None:
    assert marginal(marginal(cells)).same(marginal(cells))


@given(BLOCKS)
def test_the_groups_of_a_split_add_up_to_the_block(cells: Cells) -> None:
    groups = split(cells, group_of)
    assert add_cells([*groups.values()]).same(cells)
    for group, part in groups.items():
        assert {group_of(run) for run in part.runs} == {group}


@given(NUMBERS, st.sampled_from([7, 9, 56]))
def test_only_keeps_what_is_wanted(added: Numbers, width: int) -> None:
    expected = {at: units for at, units in added.items() if units and at[1].width == width}
    assert numbers(only(block(added), lambda run: run.width == width)) == expected


def test_views_of_nothing_are_nothing() -> None:
    assert marginal(EMPTY).same(EMPTY)
    assert only(EMPTY, lambda run: True).same(EMPTY)
    assert split(EMPTY, group_of) == {}
