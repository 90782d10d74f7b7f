"""Where pings are added up: dense rows that grow, and the exact numbers that do not fit them.

The one mutable thing of the core. A scanner asks for layouts and rows, adds whole pings, and takes the
result as ``Cells``. Integer parts go to one int64 array a row; fractions to another, of the same width;
numbers of 2⁴⁴ and more are summed as Python integers.
"""

from collections.abc import Iterable

import numpy as np

from telemetry_tasks.core.cells import Big, Cells, canonical, first_columns
from telemetry_tasks.core.fixed import FRACTION_BITS, NORMAL, UNITS
from telemetry_tasks.core.rows import PINGS, Layout, Row

DENSE_LIMIT = 1 << 44
"""Numbers below this are added in int64."""

MOST_PINGS = 1 << 17
"""Pings that int64 arrays hold for sure: 2¹⁷ × 2⁴⁴ < 2⁶², and 2¹⁷ × 2⁴⁰ fractions."""

SPARE = 4096
"""Columns a row's arrays grow by at least."""


class Accumulator:
    """Adds pings up. ``pings`` counts them; after ``MOST_PINGS`` it must be emptied by ``take``."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._first: dict[Layout, int] = {}
        self._width = 0
        self._rows: dict[Row, int] = {}
        self._whole: list[np.ndarray] = []
        self._fraction: list[np.ndarray] = []
        self._big: dict[tuple[int, int], int] = {}
        self.pings = 0
        self.generation = getattr(self, "generation", -1) + 1
        self.layout(PINGS)

    @property
    def size(self) -> int:
        """Bytes of the rows' arrays."""
        return sum(a.nbytes for a in self._whole) + sum(a.nbytes for a in self._fraction)

    @property
    def full(self) -> bool:
        """Whether ``take`` has to be called before another ping is added."""
        return self.pings >= MOST_PINGS

    def layout(self, layout: Layout) -> int:
        """The first column of ``layout``, valid until ``take`` (which raises ``generation`` by one)."""
        first = self._first.get(layout)
        if first is None:
            first = self._first[layout] = self._width
            self._width += layout.width
        return first

    def row(self, row: Row) -> int:
        """The index of ``row``, valid until ``take``."""
        index = self._rows.get(row)
        if index is None:
            index = self._rows[row] = len(self._whole)
            self._whole.append(np.zeros(self._width + SPARE, np.int64))
            self._fraction.append(np.zeros(self._width + SPARE, np.int64))
        return index

    def _fit(self, index: int) -> None:
        missing = self._width - len(self._whole[index])
        if missing > 0:
            pad = np.zeros(max(missing, SPARE, len(self._whole[index]) // 2), np.int64)
            self._whole[index] = np.concatenate((self._whole[index], pad))
            self._fraction[index] = np.concatenate((self._fraction[index], pad))

    def add_ping(self, index: int) -> None:
        """Counts one ping of the row; called once for each, before its numbers are added."""
        self._fit(index)
        self._whole[index][0] += 1
        self.pings += 1

    def add(self, index: int, columns: np.ndarray, whole: np.ndarray) -> None:
        """Adds int64 numbers below ``DENSE_LIMIT`` at distinct columns, after ``add_ping``."""
        self._whole[index][columns] += whole

    def add_fractions(self, index: int, columns: np.ndarray, fractions: np.ndarray) -> None:
        """Adds fractions in units of 2⁻⁴⁰ at distinct columns, after ``add_ping``."""
        self._fraction[index][columns] += fractions

    def add_units(self, index: int, numbers: Iterable[tuple[int, int]]) -> None:
        """Adds (column, units of 2⁻⁴⁰) of any size, one by one."""
        self._fit(index)
        whole, fraction = self._whole[index], self._fraction[index]
        for column, units in numbers:
            integer, rest = divmod(units, UNITS)
            if -DENSE_LIMIT < integer < DENSE_LIMIT:
                whole[column] += integer
                fraction[column] += rest
            else:
                self._big[index, column] = self._big.get((index, column), 0) + units

    def take(self) -> Cells:
        """The sum so far; the accumulator is empty afterwards."""
        layouts = sorted(self._first)
        firsts = first_columns(layouts)
        source = np.concatenate(
            [np.arange(self._first[layout], self._first[layout] + layout.width) for layout in layouts]
        )
        target = np.empty(self._width, np.int64)
        target[source] = np.arange(self._width)
        rows = sorted(self._rows)
        big: list[Big] = []
        wholes, fractions = [], []
        for position, row in enumerate(rows):
            index = self._rows[row]
            self._fit(index)
            whole, fraction = self._whole[index][source], self._fraction[index][source]
            whole += fraction >> FRACTION_BITS
            fraction &= UNITS - 1
            extra = {int(target[c]): units for (i, c), units in self._big.items() if i == index} if self._big else {}
            _move_big(whole, fraction, extra, position, big)
            wholes.append(_sparse(whole, position))
            fractions.append(_sparse(fraction, position))
            self._whole[index] = self._fraction[index] = np.zeros(0, np.int64)
        if not rows:
            wholes, fractions = [_sparse(np.zeros(0, np.int64), 0)], [_sparse(np.zeros(0, np.int64), 0)]
        assert int(firsts[-1]) == self._width
        self._clear()
        return canonical(rows, layouts, _joined(wholes), _joined(fractions), big)


def _sparse(dense: np.ndarray, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    columns = np.flatnonzero(dense)
    return np.full(len(columns), row, np.int64), columns, dense[columns]


def _joined(pieces: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row, column, number = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    return row, column, number


def _move_big(whole: np.ndarray, fraction: np.ndarray, extra: dict[int, int], row: int, big: list[Big]) -> None:
    """Takes what does not belong into the arrays out of them, and puts ``extra`` where it fits."""
    for column in np.flatnonzero((whole >= NORMAL) | (whole <= -NORMAL)).tolist():
        extra.setdefault(column, 0)
    for column, units in extra.items():
        total = units + (int(whole[column]) << FRACTION_BITS) + int(fraction[column])
        integer, rest = divmod(total, UNITS)
        if -NORMAL < integer < NORMAL:
            whole[column], fraction[column] = integer, rest
        else:
            whole[column] = fraction[column] = 0
            big.append((row, column, total))
