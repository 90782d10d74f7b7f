"""The lines of tables: a key for each kind of date, date and population, and the same as numbers."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from telemetry_tasks.core.kinds_of_date import BY_BUILD


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
        """The keys of these ascending indices (int64); numbers computed already are kept.

        Dates without a key go, and the others are numbered again. Of three keys, with ``used`` = 0 2::

            before   keys k0 k1 k2   dates d0 d1 d2   date 0 1 2        after   keys k0 k2   dates d0 d2   date 0 1
        """
        index = TableIndex([self[key] for key in used.tolist()])
        date = self.date[used]
        there = np.flatnonzero(np.bincount(date, minlength=len(self.dates)))
        renumbered = np.zeros(len(self.dates), np.int64)
        renumbered[there] = np.arange(len(there))
        known = {
            "dates": tuple([self.dates[i] for i in there.tolist()]),
            "date": renumbered[date],
            "populations": self.populations,
            "population": self.population[used],
        }
        index.__dict__.update(known)
        return index
