"""Numbers of one measure and one array length: a line for each kind of date, date and population."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, NORMAL, UNITS, from_units
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.overflow import pop_exact, pop_large
from telemetry_tasks.core.rows import STATISTICS

SAFE = 1 << 43
"""Integer parts below this can be added a million times in an int64."""


class Key(NamedTuple):
    """Which cell of a measure: the kind of date, the date ``YYYYMMDD``, the population."""

    by: str
    date: str
    dimensions: tuple[str, ...]


class TableIndex(tuple[Key, ...]):
    """Ascending keys, and the same as numbers: computed once for all tables that share them."""

    @cached_property
    def dates(self) -> tuple[tuple[str, str], ...]:
        """All (kind of date, date), ascending."""
        return tuple(sorted({key[:2] for key in self}))

    @cached_property
    def date(self) -> np.ndarray:
        """Index into ``dates`` for each key (int64)."""
        index = {date: i for i, date in enumerate(self.dates)}
        return np.array([index[key[:2]] for key in self], np.int64)

    @cached_property
    def by_build(self) -> int:
        """How many keys are by build date: the first ones."""
        return int(np.searchsorted(self.date, sum(by == BY_BUILD for by, _ in self.dates)))

    @cached_property
    def populations(self) -> tuple[tuple[str, ...], ...]:
        """All populations, ascending; after ``taken`` it may have more than the lines do."""
        return tuple(sorted({key.dimensions for key in self}))

    @cached_property
    def population(self) -> np.ndarray:
        """Index into ``populations`` for each key (int64)."""
        index = {population: i for i, population in enumerate(self.populations)}
        return np.array([index[key.dimensions] for key in self], np.int64)

    @cached_property
    def without_populations(self) -> "TableIndex":
        """A key for each of ``dates``."""
        return TableIndex(Key(by, date, ()) for by, date in self.dates)

    def taken(self, used: np.ndarray) -> "TableIndex":
        """The keys of these ascending indices (int64); numbers computed already are kept."""
        lines = TableIndex([self[key] for key in used.tolist()])
        date = self.date[used]
        there = np.flatnonzero(np.bincount(date, minlength=len(self.dates)))
        place = np.zeros(len(self.dates), np.int64)
        place[there] = np.arange(len(there))
        known = {
            "dates": tuple([self.dates[i] for i in there.tolist()]),
            "date": place[date],
            "populations": self.populations,
            "population": self.population[used],
        }
        lines.__dict__.update(known)
        return lines


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
    """The cells of one measure and one array length. ``keys`` ascend; the arrays have a line for each.

    ``whole`` (int64) has the buckets, the five statistics and the pings; ``known`` (int64) the number of pings
    for which each statistic was known. ``fraction`` (int64) has the fractions of the numbers, in units of 2⁻⁴⁰, in a
    column for each of ``fractional`` (int64, ascending): the few columns of ``whole`` that have such numbers.
    ``overflow`` holds, in these units too, the numbers that are too large for the arrays, which are 0 there.
    ``newest`` is the greatest (build id, revision) of each cell.
    """

    measure: str
    length: int
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
    def lines(self) -> TableIndex:
        """The keys as numbers."""
        return self.keys if isinstance(self.keys, TableIndex) else TableIndex(self.keys)

    @property
    def buckets(self) -> int:
        """Number of buckets."""
        return self.length - STATISTICS

    def integers(self) -> np.ndarray:
        """The numbers that are integers (int64): buckets, statistics (-1 if unknown), pings."""
        shown = self.whole.copy()
        shown[:, self.buckets : -1][self.known == 0] = -1
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
        return NonIntegers(np.array(sorted(exact), np.int64), [exact[place] for place in sorted(exact)])

    def others_by_column(self) -> dict[int, dict[int, int | float]]:
        """The same by column and line."""
        out: dict[int, dict[int, int | float]] = {}
        others = self.others()
        lines, columns = np.divmod(others.positions, self.whole.shape[1])
        for line, column, number in zip(lines.tolist(), columns.tolist(), others.exact(), strict=True):
            out.setdefault(column, {})[line] = number
        return out

    def values(self) -> list[list[int | float]]:
        """A list for each key: buckets, statistics (-1 if unknown), pings."""
        lines: list[list[int | float]] = self.integers().tolist()
        for column, numbers in self.others_by_column().items():
            for line, number in numbers.items():
                lines[line][column] = number
        return lines

    def totals(self) -> "Table":
        """The same with all populations of a date added up; no build is kept of them."""
        return self._added(self.lines.without_populations, self.lines.date, ())

    def regrouped(self, targets: Sequence[Key]) -> "Table":
        """The sum of the lines of each target; ``targets`` has the target of each line."""
        keys = TableIndex(sorted(set(targets)))
        index = {key: i for i, key in enumerate(keys)}
        return self._added(keys, np.array([index[target] for target in targets], np.int64), self.newest)

    def _added(self, keys: TableIndex, at: np.ndarray, newest: Sequence[tuple[str, str]]) -> "Table":
        """The sum, for each of ``keys``, of the lines that ``at`` assigns to it: at least one."""
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
        for place in sums:
            sums[place] += pop_exact(whole, fraction, self.fractional, place)
        known = np.add.reduceat(self.known[order], starts, axis=0)
        seen = [("", "")] * len(keys)
        for line, build in zip(at.tolist() if newest else (), newest, strict=True):
            seen[line] = max(seen[line], build)
        return Table(self.measure, self.length, keys, whole, known, sums, tuple(seen), fraction, self.fractional)

    def _without_large(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[tuple[int, int], int]]:
        """The arrays with 0 for numbers that could overflow in the sum; those numbers added by ``at``."""
        whole, fraction, large = pop_large(self.whole, self.fraction, self.fractional, SAFE)
        sums: dict[tuple[int, int], int] = {}
        for (line, column), units in (self.overflow | large).items():
            place = int(at[line]), column
            sums[place] = sums.get(place, 0) + units
        return whole, fraction, sums

    def without(self, lines: Collection[int]) -> "Table":
        """The same without these lines."""
        if not lines:
            return self
        keep = [line for line in range(len(self.keys)) if line not in lines]
        place = {line: i for i, line in enumerate(keep)}
        return Table(
            self.measure,
            self.length,
            TableIndex(self.keys[line] for line in keep),
            self.whole[keep],
            self.known[keep],
            {(place[line], column): units for (line, column), units in self.overflow.items() if line in place},
            tuple(self.newest[line] for line in keep),
            self.fraction[keep],
            self.fractional,
        )
