"""Blocks of cells are a commutative group under ``add_cells``, and exact."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core import addition
from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import EMPTY, Cells
from telemetry_tasks.core.fixed import MOST_ADDENDS, NORMAL
from telemetry_tasks.core.histograms import histogram_run
from tests.core.blocks import BLOCKS, NUMBERS, ROWS, RUNS, Numbers, block, negated, numbers, sum_of


def assert_canonical(cells: Cells) -> None:
    """The form that makes equal sums equal values."""
    assert list(cells.rows) == sorted(set(cells.rows))
    assert list(cells.runs) == sorted(set(cells.runs))
    assert (cells.whole.numbers != 0).all()
    assert (abs(cells.whole.numbers) < NORMAL).all()
    assert ((cells.fraction.numbers > 0) & (cells.fraction.numbers < 1 << 40)).all()
    assert list(cells.overflow) == sorted(cells.overflow)
    assert all(not -NORMAL < total >> 40 < NORMAL for _, _, total in cells.overflow)
    held = numbers(cells)
    assert {row for row, _, _ in held} == set(cells.rows)
    assert {run for _, run, _ in held} == set(cells.runs)


@given(NUMBERS)
def test_a_block_holds_exactly_what_was_added(added: Numbers) -> None:
    cells = block(added)
    assert_canonical(cells)
    assert numbers(cells) == sum_of([added])


@given(st.lists(NUMBERS, max_size=5))
def test_the_result_is_the_plain_sum(all_numbers: list[Numbers]) -> None:
    cells = add_cells([*map(block, all_numbers)])
    assert_canonical(cells)
    assert numbers(cells) == sum_of(all_numbers)
    assert cells.same(block(sum_of(all_numbers)))


@given(BLOCKS, BLOCKS)
def test_it_is_commutative(a: Cells, b: Cells) -> None:
    assert add_cells([a, b]).same(add_cells([b, a]))


@given(BLOCKS, BLOCKS, BLOCKS)
def test_it_is_associative(a: Cells, b: Cells, c: Cells) -> None:
    assert add_cells([add_cells([a, b]), c]).same(add_cells([a, add_cells([b, c])]))
    assert add_cells([a, b, c]).same(add_cells([add_cells([a, b]), c]))


@given(BLOCKS)
def test_the_empty_block_is_neutral(a: Cells) -> None:
    assert add_cells([a, EMPTY]).same(a)
    assert add_cells([EMPTY, a]).same(a)
    assert add_cells([]).same(EMPTY)


@given(BLOCKS, BLOCKS)
def test_what_is_taken_away_leaves_what_was_there(a: Cells, b: Cells) -> None:
    assert add_cells([add_cells([a, b]), b], [1, -1]).same(a)
    assert add_cells([a, a], [1, -1]).same(EMPTY)


@given(NUMBERS)
def test_one_block_taken_away_is_the_negative(added: Numbers) -> None:
    cells = add_cells([block(added)], [-1])
    assert_canonical(cells)
    assert cells.same(block(negated(added)))


@given(st.lists(BLOCKS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_grouping_in_any_order_gives_the_same(blocks: list[Cells], chance: random.Random) -> None:
    left = list(blocks)
    while len(left) > 1:
        chance.shuffle(left)
        taken = chance.randint(2, len(left))
        left = [add_cells(left[:taken]), *left[taken:]]
    assert left[0].same(add_cells(blocks))


def test_more_blocks_than_int64_holds_at_once_are_added_in_rounds() -> None:
    at = (ROWS[0], RUNS[1], 2)
    part = block({at: (NORMAL - 1) << 40})
    count = 2 * MOST_ADDENDS + 7
    assert numbers(add_cells([part] * count)) == {at: count * (NORMAL - 1) << 40}


def test_blocks_wider_than_a_tile_are_added_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addition, "TILE", 100)
    wide = histogram_run("WIDE", 310)
    added = {(row, wide, column): (column + 1) << 40 for row in ROWS[:3] for column in (0, 99, 100, wide.width - 1)}
    added[ROWS[1], wide, 99] = 1 << 200
    assert numbers(add_cells([block(added), block(added)])) == sum_of([added, added])
