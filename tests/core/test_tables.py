"""Cells as people read them."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.fixed import from_units
from telemetry_tasks.core.histograms import SUMS, array_length, histogram_run, histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import Run, Shape
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.newest import newest_shapes
from telemetry_tasks.core.views import marginal
from tests.core.blocks import ROWS, Numbers, block

LENGTH = 7
KNOWN, HALF = histogram_run("A", LENGTH), histogram_run("A", LENGTH, 0b00110)
LONGER = histogram_run("A", LENGTH + 2)
SHAPE = histogram_shape(LENGTH - len(SUMS))

PING = st.tuples(
    st.sampled_from(ROWS),
    st.sampled_from([KNOWN, HALF, LONGER]),
    st.lists(st.integers(0, 1 << 70), min_size=LENGTH + 2, max_size=LENGTH + 2),
)
Pings = list[tuple[Row, Run, list[int]]]


def cells_of(pings: Pings) -> Cells:
    """Pings of one measure, whose arrays are given in units."""
    blocks = []
    for row, run, units in pings:
        length = array_length(run.shape)
        numbers: Numbers = {(row, run, length): 1 << 40}
        for column in range(length):
            at = column - (length - len(SUMS))
            if at < 0 or run.shape.knows(at):
                numbers[row, run, column] = units[column]
        blocks.append(block(numbers))
    return add_cells(blocks)


def keys_of(row: Row) -> list[Key]:
    dates = ((BY_BUILD, row.build_date), (BY_SUBMISSION, row.submission_date))
    return [Key(by, date, row.dimensions) for by, date in dates if date]


def plain(pings: Pings, shape: Shape) -> dict[Key, list[int | float]]:
    """What a table must say, by plain sums."""
    length = array_length(shape)
    sums: dict[Key, list[int]] = defaultdict(lambda: [0] * (length + 1))
    known: dict[Key, list[bool]] = defaultdict(lambda: [False] * len(SUMS))
    for row, run, units in pings:
        for key in keys_of(row) if array_length(run.shape) == length else ():
            sums[key][length] += 1 << 40
            for column in range(length):
                at = column - (length - len(SUMS))
                if at >= 0 and not run.shape.knows(at):
                    continue
                sums[key][column] += units[column]
                if at >= 0:
                    known[key][at] = True
    out: dict[Key, list[int | float]] = {}
    for key, total in sums.items():
        values = [from_units(units) for units in total]
        for at in range(len(SUMS)):
            if not known[key][at]:
                values[length - len(SUMS) + at] = -1
        out[key] = values
    return out


@given(st.lists(PING, max_size=6))
def test_a_table_is_the_plain_sum_by_date_and_population(pings: Pings) -> None:
    tables = Tables(cells_of(pings))
    for shape in (SHAPE, LONGER.shape):
        table = tables.table("A", shape)
        assert list(table.keys) == sorted(table.keys)
        assert dict(zip(table.keys, table.values(), strict=True)) == plain(pings, shape)


@given(st.lists(PING, max_size=6))
def test_joint_and_marginal_rows_give_the_same_numbers(pings: Pings) -> None:
    joint, apart = (Tables(cells).table("A", SHAPE) for cells in (cells_of(pings), marginal(cells_of(pings))))
    assert joint.keys == apart.keys
    assert joint.values() == apart.values()


@given(st.lists(PING, max_size=6))
def test_totals_are_the_table_of_one_population(pings: Pings) -> None:
    merged = [(row._replace(dimensions=()), run, units) for row, run, units in pings]
    totals = Tables(cells_of(pings)).table("A", SHAPE).totals()
    assert dict(zip(totals.keys, totals.values(), strict=True)) == plain(merged, SHAPE)


@given(st.lists(PING, max_size=6))
def test_populations_shown_as_another_are_the_sum_of_theirs(pings: Pings) -> None:
    where = {row.dimensions: ("OTHER",) * len(row.dimensions) for row in ROWS[::2]}
    where = {row.dimensions: where.get(row.dimensions, row.dimensions) for row in ROWS}
    moved = [(row._replace(dimensions=where[row.dimensions]), run, units) for row, run, units in pings]
    table = Tables(cells_of(pings), where).table("A", SHAPE)
    assert dict(zip(table.keys, table.values(), strict=True)) == plain(moved, SHAPE)
    assert table.newest == Tables(cells_of(moved)).table("A", SHAPE).newest


def test_large_numbers_of_many_populations_are_added_exactly() -> None:
    """Two thousand of nearly 2⁵³, which an int64 could not hold."""
    rows = [ROWS[0]._replace(dimensions=(str(number),)) for number in range(2000)]
    large = ((1 << 53) - 1 << 40) + 1
    cells = cells_of([(row, KNOWN, [large] * LENGTH) for row in rows])
    table = Tables(cells, {row.dimensions: ("OTHER",) for row in rows}).table("A", SHAPE)
    assert {key.dimensions for key in table.keys} == {("OTHER",)}
    expected = from_units(2000 * large)
    assert table.values() == [[*[expected] * LENGTH, 2000]] * len(table.keys)


def test_large_numbers_of_many_builds_of_a_date_are_added_exactly() -> None:
    """Clients name the revision: a line of a table is the sum of as many rows as they invent."""
    largest = (1 << 53) - 1
    rows = [ROWS[0]._replace(revision=f"rev/{i}") for i in range(1100)]
    cells = add_cells(
        [
            block({(row, run, 0): largest << 40 for row in rows} | {(row, run, LENGTH): 1 << 40 for row in rows})
            for run in (KNOWN, HALF)
        ]
    )
    for form in (cells, marginal(cells)):
        for values in Tables(form).table("A", SHAPE).values():
            assert (values[0], values[-1]) == (2 * 1100 * largest, 2 * 1100)


def test_a_population_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        Tables(cells_of([(ROWS[0], KNOWN, [1 << 40] * 9)]), {})


def test_a_cell_names_its_newest_build() -> None:
    old, new = ROWS[0], ROWS[0]._replace(build_id="20131029999999", revision="newer")
    table = Tables(cells_of([(row, KNOWN, [1 << 40] * 9) for row in (new, old)])).table("A", SHAPE)
    assert set(table.newest) == {("20131029999999", "newer")}


def test_the_length_of_the_newest_build_counts_and_at_equal_builds_the_longer() -> None:
    old, new = ROWS[0], ROWS[0]._replace(build_date="20131105", build_id="20131105030201")
    units = [1 << 40] * 9
    assert newest_shapes(cells_of([(old, LONGER, units), (new, KNOWN, units)]))["A"].shape == KNOWN.shape
    assert newest_shapes(cells_of([(old, KNOWN, units), (old, LONGER, units)]))["A"].shape == LONGER.shape


def test_rows_that_do_not_count_by_build_date_choose_no_length() -> None:
    late = ROWS[0]._replace(build_date="", build_id="")
    cells = cells_of([(late, KNOWN, [1 << 40] * 9)])
    assert newest_shapes(cells) == {}
    with pytest.raises(KeyError):
        newest_shapes(cells)["A"]


def test_a_measure_that_is_not_there_has_an_empty_table() -> None:
    table = Tables(cells_of([(ROWS[0], KNOWN, [1 << 40] * 9)])).table("B", SHAPE)
    assert (table.keys, table.values()) == ((), [])
