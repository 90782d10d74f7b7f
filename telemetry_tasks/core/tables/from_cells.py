"""Turns cells into tables, one for each measure and shape."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

import numpy as np

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.entries import ByKey, Triples
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, beyond
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.overflow import pop_exact
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PING_COUNT, Run, Shape, shape_in_tables
from telemetry_tasks.core.tables.index import Key, TableIndex
from telemetry_tasks.core.tables.newest import Builds
from telemetry_tasks.core.tables.table import Table

_LARGEST_LINE = 1 << 62
"""Sums of lines stay below this in int64."""

LineOfRow = tuple[np.ndarray, np.ndarray]
"""The line of each row by build date and by submission date (int64), −1 if it has none."""


class Tables:
    """All tables of a block, measure by measure. Works on joint and on marginal rows alike.

    ``where`` maps each population to the one that it is shown as; memory grows with the number of the latter. Raises
    ``KeyError`` for a population it lacks. Without ``builds`` the tables do not give the newest build.
    """

    def __init__(
        self, cells: Cells, where: Mapping[tuple[str, ...], tuple[str, ...]] | None = None, *, builds: bool = True
    ) -> None:
        populations = tuple([row.dimensions if where is None else where[row.dimensions] for row in cells.rows])
        self._keys, self._line_of_row = _keys_and_lines(cells.rows, populations)
        self._cells = cells = _without_large(cells, self._line_of_row)
        self._measures = [run.measure for run in cells.runs]
        self._builds = Builds(cells) if builds else None
        self._entries, self._fractions = (
            _ByRun(cells, self._line_of_row, each.triples()) for each in (cells.whole, cells.fraction)
        )

    def table(self, measure: str, shape: Shape) -> Table:
        """The table of a measure in a shape of ``shape_in_tables``; without lines if there are no such cells."""
        begin, end = bisect_left(self._measures, measure), bisect_right(self._measures, measure)
        return self._table(
            measure, shape, [i for i in range(begin, end) if shape_in_tables(self._cells.runs[i].shape) == shape]
        )

    def __iter__(self) -> Iterator[tuple[str, dict[Shape, Table]]]:
        """(measure, its tables by shape) in order of the names, without the run that counts pings."""
        for measure, of_measure in groupby(enumerate(self._cells.runs), key=lambda item: item[1].measure):
            if measure:
                groups: dict[Shape, list[int]] = {}
                for i, run in of_measure:
                    groups.setdefault(shape_in_tables(run.shape), []).append(i)
                yield measure, {shape: self._table(measure, shape, group) for shape, group in groups.items()}

    def _table(self, measure: str, shape: Shape, runs: list[int]) -> Table:
        whole = np.zeros((len(self._keys), shape.width), np.int64)
        fractional = self._fractions.columns(runs, shape.width)
        fraction = np.zeros((len(self._keys), len(fractional)), np.int64)
        for run in runs:
            self._entries.add(run, whole)
            self._fractions.add(run, fraction, fractional)
        if len(fractional):
            whole[:, fractional] += fraction >> FRACTION_BITS
            fraction &= FRACTION_MASK
        overflow = self._pop_overflow(runs, whole, fraction, fractional)
        pings = whole[:, shape.column(PING_COUNT)]
        known, newest = self._known(shape, runs, pings), self._newest(runs)
        used = np.flatnonzero(pings != 0)
        keys = self._keys
        if len(used) < len(keys):
            new_line = {int(line): i for i, line in enumerate(used)} if overflow else {}
            overflow = {(new_line[line], column): n for (line, column), n in overflow.items() if line in new_line}
            keys = keys.taken(used)
            whole, fraction, known = whole[used], fraction[used], known[used]
            newest = [newest[line] for line in used.tolist()] if newest else []
        return Table(measure, shape, keys, whole, known, overflow, tuple(newest), fraction, fractional)

    def _known(self, shape: Shape, runs: list[int], pings: np.ndarray) -> np.ndarray:
        """How many pings knew each sum, by line (int64).

        Of two runs, the second of which did not know the second sum, with these pings in 2 lines::

            pings   3   and   1        known   3+1  3
                    0         2                0+2  0
        """
        known = np.zeros((len(self._keys), len(shape.sums)), np.int64)
        for run in runs:
            mask = np.array([self._cells.runs[run].shape.knows(i) for i in range(len(shape.sums))], np.int64)
            known += (pings if len(runs) == 1 else self._pings(run))[:, None] * mask
        return known

    def _pings(self, run: int) -> np.ndarray:
        """The pings of a run by line (int64)."""
        pings = np.zeros(len(self._keys), np.int64)
        _, lines, numbers = self._entries.pings(run)
        np.add.at(pings, lines, numbers)
        return pings

    def _newest(self, runs: list[int]) -> list[tuple[str, str]]:
        """The greatest (build id, revision) of each line; empty without ``builds``."""
        if self._builds is None:
            return []
        newest = np.zeros(len(self._keys), np.int64)
        for run in runs:
            rows, lines, _ = self._entries.pings(run)
            np.maximum.at(newest, lines, self._builds.numbers_for(self._cells.runs[run], rows))
        return self._builds.names(newest)

    def _pop_overflow(
        self, runs: list[int], whole: np.ndarray, fraction: np.ndarray, fractional: np.ndarray
    ) -> dict[tuple[int, int], int]:
        """The totals that do not fit the arrays, by line and column; the arrays have 0 there afterwards."""
        out: dict[tuple[int, int], int] = {}
        for row, column, total in self._cells.overflow:
            run = int(self._cells.run_of_column[column])
            if run in runs:
                column -= int(self._cells.first_columns[run])
                for lines in self._line_of_row:
                    if (line := int(lines[row])) >= 0:
                        have = pop_exact(whole, fraction, fractional, (line, column))
                        out[line, column] = out.get((line, column), 0) + have + total
        return out


@lru_cache(maxsize=4)  # all blocks of a channel/version have mostly the same rows
def _keys_and_lines(rows: tuple[Row, ...], populations: tuple[tuple[str, ...], ...]) -> tuple[TableIndex, LineOfRow]:
    """The keys of rows that are shown as these populations, and the line of each row."""
    shown = list(zip(rows, populations, strict=True))
    keys = {Key(BY_BUILD, row.build_date, population) for row, population in shown if row.build_date}
    keys |= {Key(BY_SUBMISSION, row.submission_date, population) for row, population in shown if row.submission_date}
    ascending = TableIndex(sorted(keys))
    line_of: dict[tuple[object, ...], int] = {key: i for i, key in enumerate(ascending)}
    by_build = [line_of.get((BY_BUILD, row.build_date, population), -1) for row, population in shown]
    by_submission = [line_of.get((BY_SUBMISSION, row.submission_date, population), -1) for row, population in shown]
    return ascending, (np.array(by_build, np.int64), np.array(by_submission, np.int64))


def _without_large(cells: Cells, line_of_row: LineOfRow) -> Cells:
    """The same numbers, with exact ones for those that could overflow the int64 sum of a line.

    Rows of one line differ in their build: clients send its revision, so there may be any number of them. Of a column
    with a number that is too large, in 2 rows of one line::

        before   whole   5            after   whole   5        overflow   (row 1, column 0): 2⁶¹ in units
                         2⁶¹                          0
    """
    rows = max(int(np.bincount(lines[lines >= 0]).max(initial=1)) for lines in line_of_row)
    large = beyond(cells.whole.numbers, _LARGEST_LINE // (rows * _most_runs(cells.runs)))
    if not len(large):
        return cells
    at = zip(*(array[large].tolist() for array in cells.whole.triples()), strict=True)
    rest = cells.whole.numbers.copy()
    rest[large] = 0
    moved = [(row, column, whole << FRACTION_BITS) for row, column, whole in at]
    return replace(cells, whole=replace(cells.whole, numbers=rest), overflow=(*cells.overflow, *moved))


def _most_runs(runs: Sequence[Run]) -> int:
    """The most runs that are added in one table."""
    return max(Counter((run.measure, shape_in_tables(run.shape)) for run in runs).values(), default=1)


class _ByRun:
    """Numbers at the lines of tables, run by run.

    Rows of two kinds of date give each number twice. Of 2 rows, at lines (by build) 0 1 and (by submission) 2 2::

        before   rows     0 1        after   lines    0 1 2 2
                 numbers  5 7                numbers  5 7 5 7
    """

    def __init__(self, cells: Cells, line_of_row: LineOfRow, triples: Triples) -> None:
        self._firsts, self._ping_columns = cells.first_columns, cells.ping_columns
        rows, columns, numbers = triples
        if not ((line_of_row[0] >= 0) & (line_of_row[1] >= 0)).any():  # a marginal row counts by one kind of date
            line = np.maximum(*line_of_row).take(rows)
        else:
            line = np.concatenate([lines.take(rows) for lines in line_of_row])
            rows, columns, numbers = np.tile(rows, 2), np.tile(columns, 2), np.tile(numbers, 2)
        columns = columns.astype(np.int64)  # with other index types numpy takes three times as long
        if len(line) and line.min() < 0:
            there = np.flatnonzero(line >= 0)
            line, rows, columns, numbers = (array[there] for array in (line, rows, columns, numbers))
        self._by_run = ByKey(Triples(np.arange(len(line)), columns, numbers), cells.run_of_column, len(cells.runs))
        self._rows, self._lines = rows, line

    def _part(self, run: int) -> Triples:
        """The entries of a run: positions in ``_rows`` and ``_lines``, columns in the run (int64), numbers."""
        at, columns, numbers = self._by_run.between(run, run + 1)
        return Triples(at, columns - self._firsts[run], numbers)

    def columns(self, runs: list[int], width: int) -> np.ndarray:
        """Which of ``width`` columns have an entry in any of these runs (int64, ascending)."""
        seen = np.zeros(width, bool)
        for run in runs:
            seen[self._part(run).columns] = True
        return np.flatnonzero(seen)

    def add(self, run: int, target: np.ndarray, columns: np.ndarray | None = None) -> None:
        """Adds the entries of a run to lines × columns; only these ``columns`` if they are given, ascending.

        Of entries at lines 0 1 1, in columns 2 0 2, added to 2 × 3 zeros::

            numbers   5 7 9        target   . . 5
                                            7 . 9
        """
        at, own, numbers = self._part(run)
        column = own if columns is None else np.searchsorted(columns, own)
        np.add.at(target.reshape(-1), self._lines[at] * target.shape[1] + column, numbers)

    def pings(self, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row, line and number of the entries that count the pings of a run."""
        at, columns, numbers = self._part(run)
        counts = columns == self._ping_columns[run] - self._firsts[run]
        return self._rows[at[counts]], self._lines[at[counts]], numbers[counts]
