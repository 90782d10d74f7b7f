"""Blocks of cells for property tests, and the plain sums they must equal."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import strategies as st

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.histograms import histogram_run
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PINGS, Run

ROWS = [
    Row(build, sent, f"{build}030201" if build else "", revision, (os, arch))
    for build, sent in (("20131029", "20131029"), ("20131029", "20131101"), ("20131030", ""), ("", "20131101"))
    for revision in ("rev/a", "rev/b")
    for os, arch in (("WINNT", "x86"), ("Linux", "x86-64"))
]
RUNS = [
    PINGS,
    *(histogram_run(name, length, unknown) for name in ("A", "B_MS") for length in (6, 8) for unknown in (0, 0b11000)),
    simple.run_of("SIMPLE_MEASURES_A"),
]

Numbers = dict[tuple[Row, Run, int], int]
"""Totals in units by row, run and column in the run."""

_EDGES = [1 << bits for bits in (40, 44 + 40, 53 + 40, 63 + 40, 64 + 40, 200)]
UNITS = st.one_of(
    st.integers(-1000, 1000).map(lambda n: n << 40),
    st.integers(-(1 << 42), 1 << 42),
    st.sampled_from(_EDGES).flatmap(lambda edge: st.integers(-2, 2).map(lambda n: edge + n)),
    st.sampled_from(_EDGES).flatmap(lambda edge: st.integers(-2, 2).map(lambda n: -edge + n)),
    st.integers(),
)
POSITIONS = st.tuples(st.sampled_from(ROWS), st.sampled_from(RUNS)).flatmap(
    lambda at: st.integers(0, at[1].width - 1).map(lambda column: (*at, column))
)
NUMBERS: st.SearchStrategy[Numbers] = st.dictionaries(POSITIONS, UNITS, max_size=12)


def block(numbers: Numbers) -> Cells:
    """The numbers as a block, added one by one."""
    accumulator = Accumulator()
    for (row, run, column), units in numbers.items():
        accumulator.add_units(accumulator.row(row), [(accumulator.first_column(run) + column, units)])
    return accumulator.take()


BLOCKS = NUMBERS.map(block)


def numbers(cells: Cells) -> Numbers:
    """What is in a block, without zeros."""
    found: Counter[tuple[Row, Run, int]] = Counter()
    of_column = [(run, column) for run in cells.runs for column in range(run.width)]
    for rows, columns, values, shift in (
        (*cells.whole.triples(), 40),
        (*cells.fraction.triples(), 0),
    ):
        for row, column, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
            found[cells.rows[row], *of_column[column]] += value << shift
    for row, column, total in cells.overflow:
        found[cells.rows[row], *of_column[column]] += total
    return dict(found)


def sum_of(all_numbers: Iterable[Numbers]) -> Numbers:
    """Plain sums, without zeros."""
    total: Counter[tuple[Row, Run, int]] = Counter()
    for each in all_numbers:
        for at, units in each.items():
            total[at] += units
    return {at: units for at, units in total.items() if units}


def negated(of: Numbers) -> Numbers:
    """The numbers with the other sign."""
    return {at: -units for at, units in of.items()}
