"""Adds up rows of packs, by date: exactly, whatever the size of the numbers."""

from collections.abc import Iterator

import numpy as np

from telemetry_tasks.core.fixed import FRACTION_BITS, from_units
from telemetry_tasks.formats.layouts.v2.numbers import Column, Numbers, Sparse
from telemetry_tasks.reader.evolution import Number

_SAFE = 1 << 62


class Added:
    """The sums of one date: records, units (2⁻⁴⁰) by position, and of each sum its units and the records without it."""

    def __init__(self, sums: int) -> None:
        self.records = 0
        self._cells: dict[int, int] = {}
        self._sums = [[0, 0] for _ in range(sums)]

    def add(self, records: int, cells: dict[int, int], sums: list[tuple[int, int]]) -> None:
        """Adds the numbers of some rows; ``sums`` are (units, records that did not know it)."""
        self.records += records
        for position, units in cells.items():
            self._cells[position] = self._cells.get(position, 0) + units
        for total, (units, unknown) in zip(self._sums, sums, strict=True):
            total[0] += units
            total[1] += unknown

    @property
    def cells(self) -> dict[int, Number]:
        """The numbers by position, ascending; none of them is 0."""
        return {position: from_units(units) for position, units in sorted(self._cells.items()) if units}

    @property
    def sums(self) -> list[Number | None]:
        """The sums; None if no record knew one."""
        return [None if unknown == self.records else from_units(units) for units, unknown in self._sums]


def by_date(numbers: Numbers, chosen: np.ndarray) -> Iterator[tuple[int, int, dict[int, int], list[tuple[int, int]]]]:
    """(date index, records, units by position, sums) of each date that has chosen rows (bool, by row)."""
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return
    dates = numbers.rows.dates[rows]
    starts = np.flatnonzero(np.diff(dates, prepend=-1))
    cells = _cells(numbers.cells, chosen, numbers.rows.dates)
    records = _added(numbers.rows.records[rows], starts)
    sums = [(_units(column, rows, starts), _added(column.unknown[rows], starts)) for column in numbers.sums]
    for i, date in enumerate(dates[starts].tolist()):
        yield date, records[i], cells.get(date, {}), [(units[i], unknown[i]) for units, unknown in sums]


def _units(column: Column, rows: np.ndarray, starts: np.ndarray) -> list[int]:
    whole = _added(column.whole[rows], starts)
    rest = [0] * len(whole) if column.fractions is None else _added(column.fractions[rows], starts)
    return [(n << FRACTION_BITS) + left for n, left in zip(whole, rest, strict=True)]


def _added(numbers: np.ndarray, starts: np.ndarray) -> list[int]:
    """The sums of neighbours: of each of ``starts`` and what follows it."""
    return [int(n) for n in np.add.reduceat(_widened(numbers), starts)] if len(starts) else []


def _widened(numbers: np.ndarray) -> np.ndarray:
    """The same as Python's integers if their sum might not fit an int64."""
    if numbers.dtype != object and len(numbers):
        largest = max(abs(int(numbers.max())), abs(int(numbers.min())))
        return numbers.astype(object) if largest > _SAFE // len(numbers) else numbers
    return numbers


def _cells(sparse: Sparse, chosen: np.ndarray, dates: np.ndarray) -> dict[int, dict[int, int]]:
    """Units by position, by date, of the chosen rows."""
    row = sparse.row_of_number
    at = np.flatnonzero(chosen[row])
    if not len(at):
        return {}
    date, position = dates[row[at]], sparse.positions[at]
    order = np.lexsort((position, date))
    date, position = date[order], position[order]
    starts = np.flatnonzero((np.diff(date, prepend=-1) != 0) | (np.diff(position, prepend=-1) != 0))
    whole = _added(sparse.numbers[at][order], starts)
    rest = [0] * len(whole) if sparse.fractions is None else _added(sparse.fractions[at][order], starts)
    out: dict[int, dict[int, int]] = {}
    found = zip(date[starts].tolist(), position[starts].tolist(), whole, rest, strict=True)
    for day, place, n, left in found:
        out.setdefault(day, {})[place] = (n << FRACTION_BITS) + left
    return out
