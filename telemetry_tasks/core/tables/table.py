"""Numbers of one measure in one shape: a line for each kind of date, date and population."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, NORMAL, UNITS, from_units
from telemetry_tasks.core.overflow import pop_exact, pop_large
from telemetry_tasks.core.shapes import PING_COUNT, Shape
from telemetry_tasks.core.tables.index import Key, TableIndex

SAFE = 1 << 43
"""Integer parts below this can be added a million times in an int64."""


class NonIntegers(NamedTuple):
    """Numbers of a table that are not integers, or too large for the arrays.

    ``positions`` (int64) ascend: line times line width plus column. ``numbers``: one for each, float64 or any.
    """

    positions: np.ndarray
    numbers: np.ndarray | list[int | float]

    def exact(self) -> list[int | float]:
        """The numbers as Python's."""
        return self.numbers.tolist() if isinstance(self.numbers, np.ndarray) else self.numbers


@dataclass(frozen=True)
class Table:
    """The cells of one measure in one shape. ``keys`` ascend; the arrays have a line for each.

    ``whole`` (int64) has the columns of the shape; ``known`` (int64) the number of pings that knew each sum.
    ``fraction`` (int64) has the fractions of the numbers, in units of 2⁻⁴⁰, in a
    column for each of ``fractional`` (int64, ascending): the few columns of ``whole`` that have such numbers.
    ``overflow`` holds, in these units too, the numbers that are too large for the arrays, which are 0 there.
    ``newest`` is the greatest (build id, revision) of each cell. Of one bucket and one sum, 2 lines::

        whole   3 1 2        known   2        fraction   2³⁹        shows   3 1.5 2       bucket, sum, pings
                4 0 4                0                   0                  4 -1  4       nobody knew the sum
    """

    measure: str
    shape: Shape
    keys: tuple[Key, ...]
    whole: np.ndarray
    known: np.ndarray
    overflow: dict[tuple[int, int], int]
    newest: tuple[tuple[str, str], ...]
    fraction: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    fractional: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if not len(self.fractional):
            object.__setattr__(self, "fraction", np.zeros((len(self.whole), 0), np.int64))

    @cached_property
    def index(self) -> TableIndex:
        """The keys as numbers."""
        return self.keys if isinstance(self.keys, TableIndex) else TableIndex(self.keys)

    @property
    def pings(self) -> np.ndarray:
        """The pings of each line (int64)."""
        return self.whole[:, self.shape.column(PING_COUNT)]

    def integers(self) -> np.ndarray:
        """The numbers that are integers (int64): buckets, sums (-1 if nobody knew one), counts."""
        shown = self.whole.copy()
        shown[:, self.shape.sum_columns][self.known == 0] = -1
        return shown

    def others(self) -> "NonIntegers":
        """Those numbers that ``integers`` does not give."""
        width = self.whole.shape[1]
        lines, columns = np.nonzero(self.fraction != 0)
        positions = lines * width + self.fractional[columns]
        whole, fraction = self.whole.reshape(-1)[positions], self.fraction[lines, columns]
        # each part is exact, so that there is one rounding, as from_units has
        numbers = whole + fraction / UNITS
        inexact = np.flatnonzero((numbers == np.floor(numbers)) | (np.abs(whole) >= NORMAL))
        if not len(inexact) and not self.overflow:
            return NonIntegers(positions, numbers)
        exact: dict[int, int | float] = dict(zip(positions.tolist(), numbers.tolist(), strict=True))
        for i in inexact.tolist():
            exact[int(positions[i])] = from_units((int(whole[i]) << FRACTION_BITS) + int(fraction[i]))
        exact |= {line * width + column: from_units(units) for (line, column), units in self.overflow.items()}
        return NonIntegers(np.array(sorted(exact), np.int64), [exact[position] for position in sorted(exact)])

    def others_by_column(self) -> dict[int, dict[int, int | float]]:
        """The same by column and line."""
        out: dict[int, dict[int, int | float]] = {}
        others = self.others()
        lines, columns = np.divmod(others.positions, self.whole.shape[1])
        for line, column, number in zip(lines.tolist(), columns.tolist(), others.exact(), strict=True):
            out.setdefault(column, {})[line] = number
        return out

    def values(self) -> list[list[int | float]]:
        """A list for each key: buckets, sums (-1 if nobody knew one), counts."""
        lines: list[list[int | float]] = self.integers().tolist()
        for column, numbers in self.others_by_column().items():
            for line, number in numbers.items():
                lines[line][column] = number
        return lines

    def totals(self) -> "Table":
        """The same with all populations of a date added up; no build is kept of them."""
        return self._added(self.index.without_populations, self.index.date, ())

    def regrouped(self, targets: Sequence[Key]) -> "Table":
        """The sum of the lines of each target; ``targets`` has the target of each line."""
        keys = TableIndex(sorted(set(targets)))
        index = {key: i for i, key in enumerate(keys)}
        return self._added(keys, np.array([index[target] for target in targets], np.int64), self.newest)

    def _added(self, keys: TableIndex, at: np.ndarray, newest: Sequence[tuple[str, str]]) -> "Table":
        """The sum, for each of ``keys``, of the lines that ``at`` assigns to it: at least one.

        Sorted by ``at``, the lines of a key are neighbours. Three lines of 2 columns, ``at`` = 1 0 1::

            before   1 2        in order   3 4   of key 0        after   3 4
                     3 4                   1 2   of key 1                6 8
                     5 6                   5 6
        """
        if not keys:
            return self
        ascends = bool((at[1:] >= at[:-1]).all())
        order = slice(None) if ascends else np.argsort(at, kind="stable")
        starts = np.searchsorted(at[order], np.arange(len(keys)))
        whole, fraction, sums = self._without_large(at)
        whole = np.add.reduceat(whole[order], starts, axis=0)
        fraction = np.add.reduceat(fraction[order], starts, axis=0)
        whole[:, self.fractional] += fraction >> FRACTION_BITS
        fraction &= FRACTION_MASK
        for position in sums:
            sums[position] += pop_exact(whole, fraction, self.fractional, position)
        known = np.add.reduceat(self.known[order], starts, axis=0)
        seen = [("", "")] * len(keys)
        for line, build in zip(at.tolist() if newest else (), newest, strict=True):
            seen[line] = max(seen[line], build)
        return Table(self.measure, self.shape, keys, whole, known, sums, tuple(seen), fraction, self.fractional)

    def _without_large(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[tuple[int, int], int]]:
        """The arrays with 0 for numbers that could overflow in the sum; those numbers added by ``at``."""
        whole, fraction, large = pop_large(self.whole, self.fraction, self.fractional, SAFE)
        sums: dict[tuple[int, int], int] = {}
        for (line, column), units in (self.overflow | large).items():
            position = int(at[line]), column
            sums[position] = sums.get(position, 0) + units
        return whole, fraction, sums

    def taken(self, lines: np.ndarray) -> "Table":
        """The same with these lines alone: ascending indices (int64)."""
        new_line = {int(line): i for i, line in enumerate(lines)} if self.overflow else {}
        return Table(
            self.measure,
            self.shape,
            self.index.taken(lines),
            self.whole[lines],
            self.known[lines],
            {(new_line[line], column): units for (line, column), units in self.overflow.items() if line in new_line},
            tuple(self.newest[line] for line in lines) if self.newest else (),
            self.fraction[lines],
            self.fractional,
        )

    def without(self, lines: Collection[int]) -> "Table":
        """The same without these lines."""
        if not lines:
            return self
        keep = [line for line in range(len(self.keys)) if line not in lines]
        new_line = {line: i for i, line in enumerate(keep)}
        return Table(
            self.measure,
            self.shape,
            TableIndex(self.keys[line] for line in keep),
            self.whole[keep],
            self.known[keep],
            {(new_line[line], column): units for (line, column), units in self.overflow.items() if line in new_line},
            tuple(self.newest[line] for line in keep),
            self.fraction[keep],
            self.fractional,
        )
