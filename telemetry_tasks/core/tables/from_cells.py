"""Turns cells into tables, one for each measure and array length."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from telemetry_tasks.core import simple
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.entries import ByKey, Triples
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, beyond
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.overflow import pop_exact
from telemetry_tasks.core.plausible import ANY_BUILD
from telemetry_tasks.core.rows import STATISTICS, Row, Run
from telemetry_tasks.core.tables.table import Key, Table, TableIndex

_LARGEST_SUM = 1 << (62 - STATISTICS - 1)
"""The most that a row may add to a line: so that all runs of a measure with one length can be added in int64."""


class Tables:
    """All tables of a block, measure by measure. Works on joint and on marginal rows alike.

    ``where`` maps each population to the one that it is shown as; memory grows with the number of the latter. Raises
    ``KeyError`` for a population it lacks. Without ``builds`` the tables do not give the newest build.
    """

    def __init__(
        self, cells: Cells, where: Mapping[tuple[str, ...], tuple[str, ...]] | None = None, *, builds: bool = True
    ) -> None:
        populations = tuple([row.dimensions if where is None else where[row.dimensions] for row in cells.rows])
        self._keys, self._places = _keys_and_places(cells.rows, populations)
        self._cells = cells = _without_large(cells, self._places)
        self._run_measures = [run.measure for run in cells.runs]
        self._builds = _Builds(cells) if builds else None
        self._entries, self._fractions = (
            _ByRun(cells, self._places, each.triples()) for each in (cells.whole, cells.fraction)
        )

    def table(self, measure: str, length: int) -> Table:
        """The table of a measure and an array length; without lines if there are no such cells."""
        begin = bisect_left(self._run_measures, measure)
        end = bisect_right(self._run_measures, measure)
        return self._table(measure, length, [i for i in range(begin, end) if self._cells.runs[i].length == length])

    def __iter__(self) -> Iterator[tuple[str, dict[int, Table]]]:
        """(measure, its tables by length) in order of the names, without the run that counts pings."""
        runs = enumerate(self._cells.runs)
        for measure, of_measure in groupby(runs, key=lambda item: item[1].measure):
            if measure:
                lengths = groupby(of_measure, key=lambda item: item[1].length)
                yield (
                    measure,
                    {length: self._table(measure, length, [i for i, _ in group]) for length, group in lengths},
                )

    def _table(self, measure: str, length: int, runs: list[int]) -> Table:
        whole = np.zeros((len(self._keys), length + 1), np.int64)
        fractional = self._fractions.columns(runs, length + 1)
        fraction = np.zeros((len(self._keys), len(fractional)), np.int64)
        for run in runs:
            self._entries.add(run, whole)
            self._fractions.add(run, fraction, fractional)
        if len(fractional):
            whole[:, fractional] += fraction >> FRACTION_BITS
            fraction &= FRACTION_MASK
        big = self._big(runs, whole, fraction, fractional)
        known, newest = self._known(runs, whole), self._newest(runs, length)
        used = np.flatnonzero(whole[:, -1] != 0)
        keys = self._keys
        if len(used) < len(keys):
            place = {int(key): i for i, key in enumerate(used)} if big else {}
            big = {(place[key], column): units for (key, column), units in big.items() if key in place}
            keys = keys.taken(used)
            whole, fraction, known = whole[used], fraction[used], known[used]
            newest = [newest[key] for key in used.tolist()] if newest else []
        return Table(measure, length, keys, whole, known, big, tuple(newest), fraction, fractional)

    def _known(self, runs: list[int], whole: np.ndarray) -> np.ndarray:
        """How many pings knew each statistic, by line (int64)."""
        known = np.zeros((len(self._keys), STATISTICS), np.int64)
        for run in runs:
            unknown = self._cells.runs[run].unknown
            mask = np.array([not unknown >> i & 1 for i in range(STATISTICS)], np.int64)
            known += (whole[:, -1] if len(runs) == 1 else self._pings(run))[:, None] * mask
        return known

    def _pings(self, run: int) -> np.ndarray:
        """The pings of a run by line (int64)."""
        pings = np.zeros(len(self._keys), np.int64)
        _, lines, numbers = self._entries.last(run)
        np.add.at(pings, lines, numbers)
        return pings

    def _newest(self, runs: list[int], length: int) -> list[tuple[str, str]]:
        """The greatest (build id, revision) of each line; empty without ``builds``."""
        if self._builds is None:
            return []
        newest = np.zeros(len(self._keys), np.int64)
        for run in runs:
            rows, lines, _ = self._entries.last(run)
            np.maximum.at(newest, lines, self._builds.of(self._cells.runs[run], rows))
        return self._builds.names(newest)

    def _big(
        self, runs: list[int], whole: np.ndarray, fraction: np.ndarray, fractional: np.ndarray
    ) -> dict[tuple[int, int], int]:
        """Takes numbers that do not fit out of the arrays."""
        out: dict[tuple[int, int], int] = {}
        for row, column, total in self._cells.overflow:
            run = int(np.searchsorted(self._cells.first_columns, column, "right")) - 1
            if run in runs:
                column -= int(self._cells.first_columns[run])
                for places in self._places:
                    if (key := int(places[row])) >= 0:
                        have = pop_exact(whole, fraction, fractional, (key, column))
                        out[key, column] = out.get((key, column), 0) + have + total
        return out


Places = tuple[np.ndarray, np.ndarray]


@lru_cache(maxsize=4)  # all blocks of a channel/version have mostly the same rows
def _keys_and_places(rows: tuple[Row, ...], populations: tuple[tuple[str, ...], ...]) -> tuple[TableIndex, Places]:
    """The keys of rows that are shown as these populations; for each kind of date, each row's key (int64), or −1."""
    shown = list(zip(rows, populations, strict=True))
    keys = {Key(BY_BUILD, row.build_date, population) for row, population in shown if row.build_date}
    keys |= {Key(BY_SUBMISSION, row.submission_date, population) for row, population in shown if row.submission_date}
    lines = TableIndex(sorted(keys))
    index: dict[tuple[object, ...], int] = {key: i for i, key in enumerate(lines)}
    by_build = [index.get((BY_BUILD, row.build_date, population), -1) for row, population in shown]
    by_submission = [index.get((BY_SUBMISSION, row.submission_date, population), -1) for row, population in shown]
    return lines, (np.array(by_build, np.int64), np.array(by_submission, np.int64))


def _without_large(cells: Cells, places: Places) -> Cells:
    """The same numbers, with exact ones for those that could overflow the int64 sum of a line.

    Rows of one line differ in their build: clients send its revision, so there may be any number of them.
    """
    most = max(int(np.bincount(place[place >= 0]).max(initial=1)) for place in places)
    large = beyond(cells.whole.numbers, _LARGEST_SUM // most)
    if not len(large):
        return cells
    rows, columns, numbers = (array[large].tolist() for array in cells.whole.triples())
    kept = cells.whole.numbers.copy()
    kept[large] = 0
    moved = [(row, column, whole << FRACTION_BITS) for row, column, whole in zip(rows, columns, numbers, strict=True)]
    return replace(cells, whole=replace(cells.whole, numbers=kept), overflow=(*cells.overflow, *moved))


class _Builds:
    """The (build id, revision) of rows as numbers with the same order."""

    def __init__(self, cells: Cells) -> None:
        self._simple = simple.BUILD_ID, simple.REVISION
        self._names = sorted({*((row.build_id, row.revision) for row in cells.rows), self._simple})
        index = {name: i for i, name in enumerate(self._names)}
        self._of_row = np.array([index[row.build_id, row.revision] for row in cells.rows], np.int64)
        self._of_simple = index[self._simple]

    def of(self, run: Run, rows: np.ndarray) -> np.ndarray:
        """A number for each of the rows; simple measures all count as one build."""
        return np.full(len(rows), self._of_simple) if run.simple else self._of_row[rows]

    def names(self, numbers: np.ndarray) -> list[tuple[str, str]]:
        """The pairs of these numbers."""
        return [self._names[number] for number in numbers.tolist()]


class _ByRun:
    """Numbers at the lines of tables, run by run.

    Rows of two kinds of date give each number twice. Of 2 rows, at lines (by build) 0 1 and (by submission) 2 2::

        before   rows     0 1        after   lines    0 1 2 2
                 numbers  5 7                numbers  5 7 5 7
    """

    def __init__(self, cells: Cells, places: Places, triples: Triples) -> None:
        self._runs, self._firsts = cells.runs, cells.first_columns
        rows, columns, numbers = triples
        if not ((places[0] >= 0) & (places[1] >= 0)).any():  # a marginal row counts by one kind of date
            line = np.maximum(*places).take(rows)
        else:
            line = np.concatenate([place.take(rows) for place in places])
            rows, columns, numbers = np.tile(rows, 2), np.tile(columns, 2), np.tile(numbers, 2)
        columns = columns.astype(np.int64)  # with other index types numpy takes three times as long
        if len(line) and line.min() < 0:
            there = np.flatnonzero(line >= 0)
            line, rows, columns, numbers = (array[there] for array in (line, rows, columns, numbers))
        run_of_column = np.repeat(np.arange(len(cells.runs)), np.diff(cells.first_columns))
        self._by_run = ByKey(Triples(np.arange(len(line)), columns, numbers), run_of_column, len(cells.runs))
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
        """Adds the entries of a run to lines × columns; only these ``columns`` if they are given, ascending."""
        at, own, numbers = self._part(run)
        place = own if columns is None else np.searchsorted(columns, own)
        np.add.at(target.reshape(-1), self._lines[at] * target.shape[1] + place, numbers)

    def last(self, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row, line and number of those in the last column of a run: its pings."""
        at, columns, numbers = self._part(run)
        last = columns == self._runs[run].length
        return self._rows[at[last]], self._lines[at[last]], numbers[last]


class NewestBuild(NamedTuple):
    """The build whose definition of a measure is used."""

    build_id: str
    length: int
    revision: str


def newest_lengths(cells: Cells, between: tuple[str, str] = ANY_BUILD) -> dict[str, NewestBuild]:
    """For each measure the newest (build id, length, revision) among the rows that count by build date.

    Rows whose build date is not ``between`` these days, both excluded, count for measures that no other row has.
    """
    after, before = between
    dated = np.array([bool(row.build_date) for row in cells.rows], bool)
    inside = np.array([after < row.build_date < before for row in cells.rows], bool)
    best = _newest_lengths(cells, dated & inside)
    return best if inside[dated].all() else _newest_lengths(cells, dated) | best


def _newest_lengths(cells: Cells, wanted: np.ndarray) -> dict[str, NewestBuild]:
    builds = _Builds(cells)
    firsts = cells.first_columns
    run_of_column = np.repeat(np.arange(len(cells.runs)), np.diff(firsts))
    last_column = np.zeros(cells.width, bool)
    last_column[firsts[1:] - 1] = True
    counted = np.flatnonzero(last_column[cells.whole.columns])
    rows, runs = cells.whole.rows[counted], run_of_column[cells.whole.columns[counted]]
    chosen = wanted[rows]
    rows, runs = rows[chosen], runs[chosen]
    best: dict[str, NewestBuild] = {}
    for index in np.unique(runs).tolist():
        run = cells.runs[index]
        if run.measure:
            ((build, revision),) = builds.names(builds.of(run, rows[runs == index]).max(keepdims=True))
            seen = NewestBuild(build, run.length, revision)
            if best.get(run.measure, NewestBuild("", 0, "")) < seen:
                best[run.measure] = seen
    return best
