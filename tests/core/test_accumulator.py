"""Pings added up in arrays that grow."""

import numpy as np

from telemetry_tasks.core.accumulator import DENSE_LIMIT, MOST_PINGS, Accumulator
from telemetry_tasks.core.cells import EMPTY
from telemetry_tasks.core.fixed import NORMAL, UNITS
from telemetry_tasks.core.histograms import histogram_run
from telemetry_tasks.core.shapes import PINGS
from tests.core.blocks import ROWS, numbers

ROW, OTHER = ROWS[0], ROWS[1]
A, B = histogram_run("A", 8), histogram_run("B", 7, 0b11000)
LAST_SUM, PING_COLUMN = A.shape.column("sum_squares_hi"), A.shape.column("pings")


def test_an_accumulator_without_pings_gives_an_empty_block() -> None:
    accumulator = Accumulator()
    accumulator.first_column(A)
    accumulator.row(ROW)
    assert accumulator.take().same(EMPTY)


def test_runs_and_rows_that_count_nothing_are_not_kept() -> None:
    accumulator = Accumulator()
    accumulator.first_column(A)
    accumulator.row(OTHER)
    accumulator.add_ping(accumulator.row(ROW))
    cells = accumulator.take()
    assert (cells.rows, cells.runs) == ((ROW,), (PINGS,))


def test_pings_are_counted_by_row() -> None:
    accumulator = Accumulator()
    for row in (ROW, OTHER, ROW):
        accumulator.add_ping(accumulator.row(row))
    assert accumulator.pings == 3
    assert numbers(accumulator.take()) == {(ROW, PINGS, 0): 2 * UNITS, (OTHER, PINGS, 0): UNITS}
    assert accumulator.pings == 0


def test_arrays_and_single_numbers_add_up_to_the_same() -> None:
    by_array, singly = Accumulator(), Accumulator()
    for accumulator in (by_array, singly):
        first = accumulator.first_column(A)
        index = accumulator.row(ROW)
        accumulator.add_ping(index)
        if accumulator is by_array:
            accumulator.add(index, first + np.array([0, 4]), np.array([3, -2]))
            accumulator.add_fractions(index, first + np.array([1, 4]), np.array([7, UNITS - 1]))
        else:
            accumulator.add_units(index, [(first, 3 * UNITS), (first + 1, 7), (first + 4, -UNITS - 1)])
    assert by_array.take().same(singly.take())


def test_rows_grow_when_later_pings_bring_further_measures() -> None:
    accumulator = Accumulator()
    index = accumulator.row(ROW)
    expected = {}
    for number in range(400):
        run = histogram_run(f"M{number:03}", 30)
        accumulator.add_ping(index)
        first = accumulator.first_column(run)
        accumulator.add_units(index, [(first + 29, (number << 40) + 1), (first + 3, number << 40)])
        expected[ROW, run, 29] = (number << 40) + 1
        if number:
            expected[ROW, run, 3] = number << 40
    expected[ROW, PINGS, 0] = 400 << 40
    assert numbers(accumulator.take()) == expected


def test_fractions_carry_into_the_integer_part() -> None:
    accumulator = Accumulator()
    index, at = accumulator.row(ROW), accumulator.first_column(A) + LAST_SUM
    for _ in range(4):
        accumulator.add_units(index, [(at, UNITS // 2 + 1)])
    assert numbers(accumulator.take()) == {(ROW, A, LAST_SUM): 2 * UNITS + 4}


def test_fractions_in_buckets_are_kept_exactly() -> None:
    accumulator = Accumulator()
    index, first = accumulator.row(ROW), accumulator.first_column(A)
    accumulator.add_ping(index)
    accumulator.add_fractions(index, first + np.array([0, LAST_SUM, PING_COLUMN]), np.array([5, 6, 7]))
    accumulator.add_units(index, [(first, UNITS // 2)])
    found = numbers(accumulator.take())
    assert [found[ROW, A, column] for column in (0, LAST_SUM, PING_COLUMN)] == [UNITS // 2 + 5, 6, 7]


def test_large_numbers_return_to_the_arrays_where_their_sum_is_small() -> None:
    accumulator = Accumulator()
    index, first = accumulator.row(ROW), accumulator.first_column(A)
    accumulator.add_units(index, [(first, 1 << 200), (first + 1, NORMAL << 40), (first + 2, DENSE_LIMIT << 40)])
    accumulator.add_units(index, [(first, 3 - (1 << 200))])
    cells = accumulator.take()
    assert numbers(cells) == {(ROW, A, 0): 3, (ROW, A, 1): NORMAL << 40, (ROW, A, 2): DENSE_LIMIT << 40}
    assert [column for _, column, _ in cells.overflow] == [1]


def test_sums_of_dense_numbers_do_not_wrap() -> None:
    accumulator = Accumulator()
    index, first = accumulator.row(ROW), accumulator.first_column(A)
    accumulator.arrays(index)[0][first] = (DENSE_LIMIT - 1) * MOST_PINGS
    assert numbers(accumulator.take()) == {(ROW, A, 0): (DENSE_LIMIT - 1) * MOST_PINGS << 40}


def test_it_is_full_before_int64_could_wrap() -> None:
    accumulator = Accumulator()
    assert not accumulator.full
    accumulator.pings = MOST_PINGS
    assert accumulator.full
    assert 2 * MOST_PINGS * DENSE_LIMIT < 1 << 63
    accumulator.take()
    assert not accumulator.full


def test_size_tells_the_bytes_of_the_arrays_and_falls_when_they_are_taken() -> None:
    accumulator = Accumulator()
    empty = accumulator.size
    for number, row in enumerate(ROWS):
        accumulator.first_column(histogram_run(f"M{number}", 5000))
        accumulator.add_ping(accumulator.row(row))
    assert accumulator.size > 8 * 5000 * sum(range(1, len(ROWS) + 1))
    generation = accumulator.generation
    accumulator.take()
    assert accumulator.size == empty
    assert accumulator.generation == generation + 1


def test_many_large_numbers_count_towards_the_size() -> None:
    accumulator = Accumulator()
    index, first = accumulator.row(ROW), accumulator.first_column(B)
    before = accumulator.size
    accumulator.add_units(index, [(first, 1 << 90), (first, 1 << 91), (first + 1, 1 << 92)])
    assert accumulator.size >= before + 200
