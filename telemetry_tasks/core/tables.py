"""Cells as people read them: for a measure, one line of numbers a kind of date, date and population."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np

from telemetry_tasks.core import simple
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, from_units
from telemetry_tasks.core.rows import STATISTICS

BY_BUILD = "by-build-date"
BY_SUBMISSION = "by-submission-date"
KINDS_OF_DATE = (BY_BUILD, BY_SUBMISSION)


class Key(NamedTuple):
    """Which cell of a measure: the kind of date, the date ``YYYYMMDD``, the population."""

    by: str
    date: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The cells of one measure and one array length. ``keys`` ascend; the arrays have a line for each.

    ``whole`` (int64) has the buckets, the five statistics and the pings; ``known`` (int64) the number of pings
    for which each statistic was known. ``inexact`` holds, in units of 2⁻⁴⁰, the numbers that are not in
    ``whole`` alone. ``newest`` is the greatest (build id, revision) of each cell.
    """

    measure: str
    length: int
    keys: tuple[Key, ...]
    whole: np.ndarray
    known: np.ndarray
    inexact: dict[tuple[int, int], int]
    newest: tuple[tuple[str, str], ...]

    @property
    def buckets(self) -> int:
        """Number of buckets."""
        return self.length - STATISTICS

    def values(self) -> list[list[int | float]]:
        """A list for each key: buckets, statistics (-1 where none is known), pings."""
        lines: list[list[int | float]] = self.whole.tolist()
        for (line, column), units in self.inexact.items():
            lines[line][column] = from_units(units)
        for line, statistic in np.argwhere(self.known == 0).tolist():
            lines[line][self.buckets + statistic] = -1
        return lines

    def totals(self) -> "Table":
        """The same with all populations of a date added up."""
        return self.regrouped([key._replace(dimensions=()) for key in self.keys])

    def regrouped(self, targets: Sequence[Key]) -> "Table":
        """The sum, for each target, of the lines that are sent to it; ``targets`` has one for each line."""
        keys = sorted(set(targets))
        index = {key: i for i, key in enumerate(keys)}
        at = np.array([index[target] for target in targets], np.int64)
        whole = np.zeros((len(keys), self.length + 1), np.int64)
        known = np.zeros((len(keys), STATISTICS), np.int64)
        exact = self.whole.copy()
        sums: dict[tuple[int, int], int] = {}
        for (line, column), units in self.inexact.items():
            exact[line, column] = 0
            place = int(at[line]), column
            sums[place] = sums.get(place, 0) + units
        np.add.at(whole, at, exact)
        np.add.at(known, at, self.known)
        inexact = {place: units + (int(whole[place]) << FRACTION_BITS) for place, units in sums.items()}
        newest = [("", "")] * len(keys)
        for line, seen in zip(at.tolist(), self.newest, strict=True):
            newest[line] = max(newest[line], seen)
        return Table(self.measure, self.length, tuple(keys), whole, known, inexact, tuple(newest))

    def without(self, lines: Collection[int]) -> "Table":
        """The same without these lines."""
        keep = [line for line in range(len(self.keys)) if line not in lines]
        place = {line: i for i, line in enumerate(keep)}
        return Table(
            self.measure,
            self.length,
            tuple(self.keys[line] for line in keep),
            self.whole[keep],
            self.known[keep],
            {(place[line], column): units for (line, column), units in self.inexact.items() if line in place},
            tuple(self.newest[line] for line in keep),
        )


class Tables:
    """All tables of a block, measure by measure. Works on joint and on marginal rows alike."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._layout_measures = [layout.measure for layout in cells.layouts]
        keys = {
            Key(by, date, row.dimensions)
            for row in cells.rows
            for by, date in ((BY_BUILD, row.build_date), (BY_SUBMISSION, row.submission_date))
            if date
        }
        self._keys = sorted(keys)
        index = {key: i for i, key in enumerate(self._keys)}
        self._places = [
            np.array([index.get(Key(by, getattr(row, field), row.dimensions), -1) for row in cells.rows], np.int64)
            for by, field in ((BY_BUILD, "build_date"), (BY_SUBMISSION, "submission_date"))
        ]
        layout_of_column = np.repeat(np.arange(len(cells.layouts)), np.diff(cells.first_columns))
        self._entries = _ByLayout(cells.entry_rows(), cells.columns, cells.values, layout_of_column)
        self._fractions = _ByLayout(cells.fraction_rows(), cells.fraction_columns, cells.fractions, layout_of_column)

    def table(self, measure: str, length: int) -> Table:
        """The table of a measure and an array length; it has no line where there are no such cells."""
        begin = bisect_left(self._layout_measures, measure)
        end = bisect_right(self._layout_measures, measure)
        return self._table(measure, length, [i for i in range(begin, end) if self._cells.layouts[i].length == length])

    def __iter__(self) -> Iterator[tuple[str, dict[int, Table]]]:
        """(measure, its tables by length) in order of the names; the counting of pings is no measure."""
        layouts = enumerate(self._cells.layouts)
        for measure, of_measure in groupby(layouts, key=lambda item: item[1].measure):
            if measure:
                lengths = groupby(of_measure, key=lambda item: item[1].length)
                yield (
                    measure,
                    {length: self._table(measure, length, [i for i, _ in group]) for length, group in lengths},
                )

    def _table(self, measure: str, length: int, layouts: list[int]) -> Table:
        shape = (len(self._keys), length + 1)
        whole, fraction = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        known = np.zeros((len(self._keys), STATISTICS), np.int64)
        newest: dict[int, tuple[str, str]] = {}
        for layout in layouts:
            self._add(layout, whole, fraction)
            self._add_known(layout, known)
            self._add_newest(layout, newest)
        inexact = self._inexact(layouts, whole, fraction)
        used = np.flatnonzero(whole[:, -1])
        place = {int(key): i for i, key in enumerate(used)}
        return Table(
            measure,
            length,
            tuple(self._keys[key] for key in used),
            whole[used],
            known[used],
            {(place[key], column): units for (key, column), units in inexact.items() if key in place},
            tuple(newest[key] for key in used.tolist()),
        )

    def _add(self, layout: int, whole: np.ndarray, fraction: np.ndarray) -> None:
        first = int(self._cells.first_columns[layout])
        for source, target in ((self._entries, whole), (self._fractions, fraction)):
            rows, columns, numbers = source.of(layout)
            for places in self._places:
                at = places[rows]
                seen = at >= 0
                np.add.at(target, (at[seen], columns[seen] - first), numbers[seen])

    def _pings(self, layout: int) -> tuple[np.ndarray, np.ndarray]:
        rows, columns, numbers = self._entries.of(layout)
        last = columns == self._cells.first_columns[layout + 1] - 1
        return rows[last], numbers[last]

    def _add_known(self, layout: int, known: np.ndarray) -> None:
        rows, pings = self._pings(layout)
        unknown = self._cells.layouts[layout].unknown
        mask = np.array([not unknown >> i & 1 for i in range(STATISTICS)], np.int64)
        for places in self._places:
            at = places[rows]
            seen = at >= 0
            np.add.at(known, at[seen], pings[seen, None] * mask)

    def _add_newest(self, layout: int, newest: dict[int, tuple[str, str]]) -> None:
        is_simple = self._cells.layouts[layout].simple
        for index in self._pings(layout)[0].tolist():
            row = self._cells.rows[index]
            seen = (simple.BUILD_ID, simple.REVISION) if is_simple else (row.build_id, row.revision)
            for places in self._places:
                key = int(places[index])
                if key >= 0 and newest.get(key, ("", "")) <= seen:
                    newest[key] = seen

    def _inexact(self, layouts: list[int], whole: np.ndarray, fraction: np.ndarray) -> dict[tuple[int, int], int]:
        whole += fraction >> FRACTION_BITS
        fraction &= FRACTION_MASK
        out = {
            (key, column): (int(whole[key, column]) << FRACTION_BITS) + int(fraction[key, column])
            for key, column in zip(*(axis.tolist() for axis in np.nonzero(fraction)), strict=True)
        }
        for row, column, total in self._cells.big:
            layout = int(np.searchsorted(self._cells.first_columns, column, "right")) - 1
            if layout in layouts:
                column -= int(self._cells.first_columns[layout])
                for places in self._places:
                    if (key := int(places[row])) >= 0:
                        have = out.get((key, column), int(whole[key, column]) << FRACTION_BITS)
                        out[key, column] = have + total
        return out


class _ByLayout:
    """Entries sorted by layout, so that those of one are a slice."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray, layout_of: np.ndarray) -> None:
        layout = layout_of[columns]
        order = np.argsort(layout, kind="stable")
        self._starts = np.searchsorted(layout[order], np.arange(int(layout_of[-1]) + 2 if len(layout_of) else 1))
        self._rows, self._columns, self._numbers = (
            rows[order],
            columns[order].astype(np.int64),
            numbers[order],
        )

    def of(self, layout: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        part = slice(self._starts[layout], self._starts[layout + 1])
        return self._rows[part], self._columns[part], self._numbers[part]


def newest_length(cells: Cells, measure: str) -> int:
    """The array length that counts: that of the newest build, at equal builds the longer one.

    ``cells`` must hold all by-build rows of the channel/version. Raises ``KeyError`` where the measure is not there.
    """
    return newest_lengths(cells)[measure].length


class Newest(NamedTuple):
    """Of which build the definition of a measure is taken."""

    build_id: str
    length: int
    revision: str


def newest_lengths(cells: Cells) -> dict[str, Newest]:
    """For each measure the newest (build id, length, revision) among the rows that count by build date."""
    best: dict[str, Newest] = {}
    firsts = cells.first_columns
    layout_of_column = np.repeat(np.arange(len(cells.layouts)), np.diff(firsts))
    last_column = np.zeros(cells.width, bool)
    last_column[firsts[1:] - 1] = True
    counted = last_column[cells.columns]
    rows, layouts = cells.entry_rows()[counted], layout_of_column[cells.columns[counted]]
    for row_index, layout_index in zip(rows.tolist(), layouts.tolist(), strict=True):
        row, layout = cells.rows[row_index], cells.layouts[layout_index]
        if not row.build_date or not layout.measure:
            continue
        build, revision = (simple.BUILD_ID, simple.REVISION) if layout.simple else (row.build_id, row.revision)
        seen = Newest(build, layout.length, revision)
        if best.get(layout.measure, Newest("", 0, "")) < seen:
            best[layout.measure] = seen
    return best
