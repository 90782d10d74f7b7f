"""Adds pings up in dense rows that grow; numbers that do not fit them are kept as exact Python integers.

The only mutable object of the core. A scanner asks for runs and rows, adds whole pings, and takes the
result as ``Cells``. Integer parts go to one int64 array a row, column by column. Fractions go to another array, slot by
slot: only sums have slots, since counts have no fractions. Fractions of buckets, and numbers of 2⁴⁴ and more, are
summed as Python integers. Two runs, with one and two sums, in a row::

    column     0      1   2   3   4      5   6   7   8   9
    whole      pings  b0  b1  s0  pings  b0  b1  s0  s1  pings
    fraction                  s0                 s0  s1             slots 0, 1, 2
"""

from collections.abc import Iterable

import numpy as np

from telemetry_tasks.core.cells import Cells, Overflow, canonical
from telemetry_tasks.core.entries import Triples
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, NORMAL, UNITS, beyond
from telemetry_tasks.core.overflow import settled
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PINGS, Run

DENSE_LIMIT = 1 << 44
"""Numbers below this are added in int64."""

MOST_PINGS = 1 << 17
"""Pings that int64 arrays hold without overflow, and as many again in the block being read: 2¹⁸ × 2⁴⁴ < 2⁶³."""

WIDEST = 1 << 22
"""The accumulator is full at this number of columns: longer rows cost much memory even if nearly empty."""

SPARE = 1024
"""Columns a row's arrays grow by at least."""

RUN_COST = 400
"""Bytes of memory per run, here and in its scanner."""


class Accumulator:
    """Adds pings up. ``pings`` counts them. If ``full``, call ``take`` to empty it.

    ``size`` is the bytes of everything kept here. ``generation`` counts the calls of ``take``: a caller
    that caches columns or rows must drop them when it changes.
    """

    def __init__(self) -> None:
        self.generation = -1
        self._clear()

    def _clear(self) -> None:
        self._first: dict[Run, int] = {}
        self._slot: dict[Run, int] = {}
        self._slot_of = np.zeros(0, np.int32)
        self._unmapped: list[Run] = []
        self._width = self._slots = 0
        self._rows: dict[Row, int] = {}
        self._whole: list[np.ndarray] = []
        self._fraction: list[np.ndarray] = []
        self._big: dict[int, dict[int, int]] = {}
        self.pings = 0
        self.size = 0
        self.generation += 1
        self.first_column(PINGS)

    @property
    def full(self) -> bool:
        """Whether ``take`` has to be called before another block of pings is added."""
        return self.pings >= MOST_PINGS or self._width >= WIDEST

    @property
    def runs(self) -> int:
        """How many runs have columns."""
        return len(self._first)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._width

    def first_column(self, run: Run) -> int:
        """The first column of ``run``, valid until ``take``."""
        first = self._first.get(run)
        if first is None:
            first = self._first[run] = self._width
            self._slot[run] = self._slots
            self._width += run.width
            self._slots += len(run.shape.sums)
            self.size += RUN_COST
            self._unmapped.append(run)
        return first

    def slot(self, run: Run) -> int:
        """The slot of the first sum of a known ``run``."""
        return self._slot[run]

    def row(self, row: Row) -> int:
        """The index of ``row``, valid until ``take``."""
        index = self._rows.get(row)
        if index is None:
            index = self._rows[row] = len(self._whole)
            self._whole.append(np.zeros(0, np.int64))
            self._fraction.append(np.zeros(0, np.int64))
        return index

    def arrays(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """The row's integer parts by column and fractions by slot, long enough for every run known so far."""
        for arrays, needed in ((self._whole, self._width), (self._fraction, self._slots)):
            have = len(arrays[index])
            if have < needed:
                grown = np.zeros(needed + max(SPARE, have // 4), np.int64)
                grown[:have] = arrays[index]
                arrays[index] = grown
                self.size += grown.nbytes - 8 * have
        return self._whole[index], self._fraction[index]

    def add_ping(self, index: int) -> None:
        """Counts one ping of the row. Call it once per ping, before adding its numbers."""
        self.arrays(index)[0][0] += 1
        self.pings += 1

    def add(self, index: int, columns: np.ndarray, whole: np.ndarray) -> None:
        """Adds int64 numbers below ``DENSE_LIMIT`` at distinct columns, after ``add_ping``."""
        self._whole[index][columns] += whole

    def add_fractions(self, index: int, columns: np.ndarray, fractions: np.ndarray) -> None:
        """Adds fractions in units of 2⁻⁴⁰ at distinct columns, after ``add_ping``."""
        slots = self._slots_of(columns)
        dense = slots >= 0
        if not dense.all():
            self._add_big(index, zip(columns[~dense].tolist(), fractions[~dense].tolist(), strict=True))
            slots, fractions = slots[dense], fractions[dense]
        self._fraction[index][slots] += fractions

    def add_units(self, index: int, numbers: Iterable[tuple[int, int]]) -> None:
        """Adds (column, units of 2⁻⁴⁰) of any size, one by one."""
        whole, fraction = self.arrays(index)
        items = list(numbers)
        slots = self._slots_of(np.array([column for column, _ in items], np.int64)).tolist()
        for (column, units), slot in zip(items, slots, strict=True):
            integer, rest = divmod(units, UNITS)
            if -DENSE_LIMIT < integer < DENSE_LIMIT and (slot >= 0 or not rest):
                whole[column] += integer
                if rest:
                    fraction[slot] += rest
            else:
                self._add_big(index, [(column, units)])

    def _add_big(self, index: int, numbers: Iterable[tuple[int, int]]) -> None:
        sums = self._big.setdefault(index, {})
        for column, units in numbers:
            if column not in sums:
                self.size += RUN_COST
            sums[column] = sums.get(column, 0) + units

    def _slots_of(self, columns: np.ndarray) -> np.ndarray:
        """The slot of each column, −1 for those of positions and counts."""
        if self._unmapped:
            missing = self._width - len(self._slot_of)
            self._slot_of = np.concatenate((self._slot_of, np.full(missing, -1, np.int32)))
            for run in self._unmapped:
                sums = run.shape.sum_columns
                self._slot_of[self._first[run] :][sums] = self._slot[run] + np.arange(len(run.shape.sums))
            self._unmapped.clear()
        return self._slot_of[columns]

    def take(self) -> Cells:
        """The sum so far; the accumulator is empty afterwards.

        Columns were assigned as runs arrived; the cells have them in the order of the runs. Of B, then A::

            before   whole      b0 b1 a0        source   2 0 1        after   a0 b0 b1
                     fraction   slots of B, A   carried into the columns of their runs
        """
        runs = sorted(self._first)
        source = _ranges([(self._first[run], run.width) for run in runs])
        target = np.empty(self._width, np.int64)
        target[source] = np.arange(self._width)
        summed = [(run, run.shape.sum_columns.start, len(run.shape.sums)) for run in runs]
        slot_source = _ranges([(self._slot[run], length) for run, _, length in summed])
        slot_column = target[_ranges([(self._first[run] + begin, length) for run, begin, length in summed])]
        rows = sorted(self._rows)
        wholes, fractions = _RowByRow(), _RowByRow()
        overflow: list[Overflow] = []
        whole = np.empty(self._width, np.int64)
        for position, row in enumerate(rows):
            index = self._rows[row]
            by_column, by_slot = self.arrays(index)
            by_column.take(source, out=whole, mode="clip")  # "raise" would make a copy; all of them are within
            slots = by_slot.take(slot_source)
            whole[slot_column] += slots >> FRACTION_BITS
            slots &= FRACTION_MASK
            used = np.flatnonzero(slots != 0)
            at, fraction = slot_column[used], slots[used]
            columns = np.flatnonzero(whole != 0)  # a third of the time that numbers themselves take
            numbers = whole[columns]
            extra = {int(target[column]): units for column, units in self._big.get(index, {}).items()}
            extra.update((column, extra.get(column, 0)) for column in columns[beyond(numbers, NORMAL)].tolist())
            if extra:
                at, fraction, large = settled(whole, at, fraction, extra)
                overflow += [(position, column, units) for column, units in large.items()]
                columns = np.flatnonzero(whole != 0)
                numbers = whole[columns]
            wholes.add(position, columns, numbers)
            fractions.add(position, at, fraction)
            self._whole[index] = self._fraction[index] = np.zeros(0, np.int64)
        self._clear()
        return canonical(rows, runs, wholes.joined(), fractions.joined(), overflow)


def _ranges(ranges: list[tuple[int, int]]) -> np.ndarray:
    """The numbers of all (begin, length) one after the other: of (4, 2) and (0, 3) they are 4 5 0 1 2."""
    return np.concatenate([np.arange(begin, begin + length) for begin, length in ranges] or [np.zeros(0, np.int64)])


class _RowByRow:
    """Triples, gathered row by row."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._counts: list[int] = []
        self._columns = [np.zeros(0, np.uint32)]
        self._numbers = [np.zeros(0, np.int64)]

    def add(self, row: int, columns: np.ndarray, numbers: np.ndarray) -> None:
        self._rows.append(row)
        self._counts.append(len(columns))
        self._columns.append(columns.astype(np.uint32))
        self._numbers.append(numbers)

    def joined(self) -> Triples:
        rows = np.repeat(np.array(self._rows, np.int64), self._counts)
        return Triples(rows, np.concatenate(self._columns), np.concatenate(self._numbers))
