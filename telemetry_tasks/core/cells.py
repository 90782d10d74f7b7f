"""Cells: sparse, exact, immutable counts by row and column, and their sums.

A block of cells has rows (``Row``: whose pings) and columns (``Run`` by ``Run``: which measure, which
element of its array). Blocks form a commutative group under ``add_cells``: rows and runs are in the same
order whatever the order of additions, and zeros are dropped, so equal sums are equal
values. Numbers are exact, see ``fixed``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from telemetry_tasks.core.entries import Entries, Triples, no_entries, starts
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PING_COUNT, Run

Overflow = tuple[int, int, int]
"""Row index, column, total in units: a number too large for the arrays."""


@dataclass(frozen=True)
class Cells:
    """A block of cells in canonical form. Compare with ``same``.

    ``rows`` and ``runs`` ascend strictly, each has at least one number. ``whole`` holds the integer parts,
    ``fraction`` what is left of them in units of 2⁻⁴⁰, ``overflow`` the numbers that do not fit either array.
    """

    rows: tuple[Row, ...] = ()
    runs: tuple[Run, ...] = ()
    whole: Entries = field(default_factory=no_entries)
    fraction: Entries = field(default_factory=no_entries)
    overflow: tuple[Overflow, ...] = ()

    @cached_property
    def first_columns(self) -> np.ndarray:
        """First column of each run, and after the last one the number of columns (int64)."""
        return first_columns(self.runs)

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.first_columns[-1])

    @cached_property
    def run_of_column(self) -> np.ndarray:
        """The index of the run that each column belongs to (int64)."""
        return np.repeat(np.arange(len(self.runs)), np.diff(self.first_columns))

    @cached_property
    def ping_columns(self) -> np.ndarray:
        """The column of each run that counts its pings (int64)."""
        return self.first_columns[:-1] + np.array([run.shape.column(PING_COUNT) for run in self.runs], np.int64)

    def same(self, other: "Cells") -> bool:
        """Whether both hold the same numbers."""
        return (
            self.rows == other.rows
            and self.runs == other.runs
            and self.overflow == other.overflow
            and self.whole.same(other.whole)
            and self.fraction.same(other.fraction)
        )


EMPTY = Cells()


def first_columns(runs: Sequence[Run]) -> np.ndarray:
    """First column of each run, and after the last one the number of columns (int64)."""
    firsts = np.zeros(len(runs) + 1, np.int64)
    np.cumsum([run.shape.width for run in runs], out=firsts[1:])
    return firsts


def canonical(
    rows: Sequence[Row], runs: Sequence[Run], whole: Triples, fraction: Triples, overflow: Iterable[Overflow]
) -> Cells:
    """Cells of ascending ``rows`` and ``runs``, without empty rows and runs.

    Without a number in row 1 and in the second of two runs, of 2 and 1 columns::

        before     row 0   4 5 .        after     row 0   4 5
                   row 1   . . .
    """
    overflow = tuple(sorted(each for each in overflow if each[2]))
    firsts = first_columns(runs)
    columns = [whole.columns, fraction.columns]
    start = [starts(triples.rows, len(rows)) for triples in (whole, fraction)]
    row_used = (np.diff(start[0]) > 0) | (np.diff(start[1]) > 0)
    column_used = np.zeros(int(firsts[-1]), bool)
    for each in columns:
        column_used[each] = True
    for row, column, _ in overflow:
        row_used[row] = column_used[column] = True
    run_used = np.logical_or.reduceat(column_used, firsts[:-1]) if len(runs) else np.zeros(0, bool)
    if not run_used.all():
        shift = np.cumsum(np.repeat(run_used, np.diff(firsts))) - 1
        columns = [shift[each] for each in columns]
        overflow = tuple((row, int(shift[column]), total) for row, column, total in overflow)
        runs = [run for run, used in zip(runs, run_used, strict=True) if used]
    if not row_used.all():
        shift = np.cumsum(row_used) - 1
        start = [np.append(each[:-1][row_used], each[-1:]) for each in start]
        overflow = tuple((int(shift[row]), column, total) for row, column, total in overflow)
        rows = [row for row, used in zip(rows, row_used, strict=True) if used]
    numbers = whole.numbers, fraction.numbers
    entries = [Entries(start[i], columns[i].astype(np.uint32), numbers[i]) for i in range(2)]
    return Cells(tuple(rows), tuple(runs), entries[0], entries[1], overflow)
