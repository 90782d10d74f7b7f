"""Cells as people read them: a table for each measure and array length."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from telemetry_tasks.core import simple
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK
from telemetry_tasks.core.order import stable_order
from telemetry_tasks.core.rows import STATISTICS, Layout
from telemetry_tasks.core.table import BY_BUILD, BY_SUBMISSION, SAFE, Key, Lines, Table


class Tables:
    """All tables of a block, measure by measure. Works on joint and on marginal rows alike.

    ``where`` says as which population each is shown; so much memory is needed as there are of those. Raises
    ``KeyError`` for one that it does not know.
    """

    def __init__(self, cells: Cells, where: Mapping[tuple[str, ...], tuple[str, ...]] | None = None) -> None:
        if where is not None:
            cells = _without_large(cells)
        self._cells = cells
        populations = [row.dimensions if where is None else where[row.dimensions] for row in cells.rows]
        self._layout_measures = [layout.measure for layout in cells.layouts]
        keys = {
            Key(by, date, population)
            for row, population in zip(cells.rows, populations, strict=True)
            for by, date in ((BY_BUILD, row.build_date), (BY_SUBMISSION, row.submission_date))
            if date
        }
        self._keys = Lines(sorted(keys))
        index: dict[tuple[object, ...], int] = {key: i for i, key in enumerate(self._keys)}
        self._places = [
            np.array(
                [
                    index.get((by, row[field], population), -1)
                    for row, population in zip(cells.rows, populations, strict=True)
                ],
                np.int64,
            )
            for by, field in ((BY_BUILD, 0), (BY_SUBMISSION, 1))
        ]
        self._builds = _Builds(cells)
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
        newest = np.zeros(len(self._keys), np.int64)
        for layout in layouts:
            self._add(layout, whole, fraction)
            self._add_pings(layout, known, newest)
        whole += fraction >> FRACTION_BITS
        fraction &= FRACTION_MASK
        big = self._big(layouts, whole, fraction)
        used = np.flatnonzero(whole[:, -1] != 0)
        keys = self._keys
        if len(used) < len(keys):
            place = {int(key): i for i, key in enumerate(used)}
            big = {(place[key], column): units for (key, column), units in big.items() if key in place}
            keys = Lines(keys[key] for key in used.tolist())
            whole, fraction, known, newest = whole[used], fraction[used], known[used], newest[used]
        return Table(measure, length, keys, whole, known, big, self._builds.names(newest), fraction)

    def _add(self, layout: int, whole: np.ndarray, fraction: np.ndarray) -> None:
        first, width = int(self._cells.first_columns[layout]), whole.shape[1]
        for source, target in ((self._entries, whole), (self._fractions, fraction)):
            rows, columns, numbers = source.of(layout)
            for places in self._places:
                at = places[rows]
                seen = at >= 0
                if seen.any():
                    np.add.at(target.reshape(-1), at[seen] * width + (columns[seen] - first), numbers[seen])

    def _add_pings(self, layout: int, known: np.ndarray, newest: np.ndarray) -> None:
        """How many pings knew each statistic, and the greatest build of each line."""
        rows, columns, numbers = self._entries.of(layout)
        last = columns == self._cells.first_columns[layout + 1] - 1
        rows, pings = rows[last], numbers[last]
        unknown = self._cells.layouts[layout].unknown
        mask = np.array([not unknown >> i & 1 for i in range(STATISTICS)], np.int64)
        builds = self._builds.of(self._cells.layouts[layout], rows)
        for places in self._places:
            at = places[rows]
            seen = at >= 0
            np.add.at(known, at[seen], pings[seen, None] * mask)
            np.maximum.at(newest, at[seen], builds[seen])

    def _big(self, layouts: list[int], whole: np.ndarray, fraction: np.ndarray) -> dict[tuple[int, int], int]:
        """Takes what does not fit out of the arrays."""
        out: dict[tuple[int, int], int] = {}
        for row, column, total in self._cells.big:
            layout = int(np.searchsorted(self._cells.first_columns, column, "right")) - 1
            if layout in layouts:
                column -= int(self._cells.first_columns[layout])
                for places in self._places:
                    if (key := int(places[row])) >= 0:
                        have = (int(whole[key, column]) << FRACTION_BITS) + int(fraction[key, column])
                        out[key, column] = out.get((key, column), 0) + have + total
                        whole[key, column] = fraction[key, column] = 0
        return out


def _without_large(cells: Cells) -> Cells:
    """The same numbers, but those that are too large to be added a million times are exact ones."""
    large = np.flatnonzero(np.abs(cells.values) >= SAFE)
    if not len(large):
        return cells
    rows, values = cells.entry_rows()[large], cells.values.copy()
    values[large] = 0
    big = zip(rows.tolist(), cells.columns[large].tolist(), cells.values[large].tolist(), strict=True)
    return replace(
        cells, values=values, big=(*cells.big, *((row, column, whole << FRACTION_BITS) for row, column, whole in big))
    )


class _Builds:
    """The (build id, revision) of rows as numbers that sort as they do."""

    def __init__(self, cells: Cells) -> None:
        self._simple = simple.BUILD_ID, simple.REVISION
        self._names = sorted({*((row.build_id, row.revision) for row in cells.rows), self._simple})
        index = {name: i for i, name in enumerate(self._names)}
        self._of_row = np.array([index[row.build_id, row.revision] for row in cells.rows], np.int64)
        self._of_simple = index[self._simple]

    def of(self, layout: Layout, rows: np.ndarray) -> np.ndarray:
        """A number for each of the rows; simple measures all count as one build."""
        return np.full(len(rows), self._of_simple) if layout.simple else self._of_row[rows]

    def names(self, numbers: np.ndarray) -> tuple[tuple[str, str], ...]:
        """The pairs that these numbers stand for."""
        return tuple([self._names[number] for number in numbers.tolist()])


class _ByLayout:
    """Entries sorted by layout, so that those of one are a slice."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray, layout_of: np.ndarray) -> None:
        count = int(layout_of[-1]) + 1 if len(layout_of) else 0
        layout = layout_of[columns]
        order = stable_order(layout, count)
        self._starts = np.concatenate(([0], np.cumsum(np.bincount(layout, minlength=count))))
        self._rows, self._columns, self._numbers = rows[order], columns[order].astype(np.int64), numbers[order]

    def of(self, layout: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        part = slice(self._starts[layout], self._starts[layout + 1])
        return self._rows[part], self._columns[part], self._numbers[part]


class Newest(NamedTuple):
    """Of which build the definition of a measure is taken."""

    build_id: str
    length: int
    revision: str


def newest_lengths(cells: Cells) -> dict[str, Newest]:
    """For each measure the newest (build id, length, revision) among the rows that count by build date."""
    builds = _Builds(cells)
    firsts = cells.first_columns
    layout_of_column = np.repeat(np.arange(len(cells.layouts)), np.diff(firsts))
    last_column = np.zeros(cells.width, bool)
    last_column[firsts[1:] - 1] = True
    counted = np.flatnonzero(last_column[cells.columns])
    rows, layouts = cells.entry_rows()[counted], layout_of_column[cells.columns[counted]]
    by_build = np.array([bool(row.build_date) for row in cells.rows], bool)[rows]
    rows, layouts = rows[by_build], layouts[by_build]
    best: dict[str, Newest] = {}
    for index in np.unique(layouts).tolist():
        layout = cells.layouts[index]
        if layout.measure:
            ((build, revision),) = builds.names(builds.of(layout, rows[layouts == index]).max(keepdims=True))
            seen = Newest(build, layout.length, revision)
            if best.get(layout.measure, Newest("", 0, "")) < seen:
                best[layout.measure] = seen
    return best
