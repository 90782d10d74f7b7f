"""First columns of many histograms at once."""

import numpy as np

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.histograms import SUMS, histogram_run
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import name_fault
from telemetry_tasks.formats.pings.arrays.json_line import NeedsSlowPath

MOST_REMEMBERED = 200_000
"""The most names kept, good and bad: clients may invent a new one each time."""


class _Numbers(dict[str, int]):
    """Numbers names in the order of arrival."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


class RunColumns:
    """Finds columns by name, length and unknown sums.

    A measure nearly always has the same run as before: one comparison of arrays checks all of them. Only the
    others are looked up one by one.
    """

    def __init__(self, accumulator: Accumulator, limits: Limits) -> None:
        self._accumulator, self._limits = accumulator, limits
        self.forget()

    def forget(self) -> None:
        """The accumulator was emptied."""
        self._number_of = _Numbers()
        self._shape = np.full(1024, -1, np.int64)
        self._first = np.zeros(1024, np.int64)
        self._known: dict[tuple[str, int], int] = {}

    def columns_for(self, names: list[str], lengths: np.ndarray, unknown: np.ndarray) -> np.ndarray:
        """The first column of each. Raises ``NeedsSlowPath`` if a name is invalid."""
        if len(self._number_of) > MOST_REMEMBERED:
            self.forget()
        numbers = np.fromiter(map(self._number_of.__getitem__, names), np.int64, len(names))
        self._make_room()
        shapes = lengths << len(SUMS) | unknown
        firsts = self._first[numbers]
        others = np.flatnonzero(self._shape[numbers] != shapes)
        for at in others.tolist():
            firsts[at] = self._look_up(names[at], int(shapes[at]))
        self._shape[numbers[others]] = shapes[others]
        self._first[numbers[others]] = firsts[others]
        return firsts

    def _make_room(self) -> None:
        missing = len(self._number_of) - len(self._shape)
        if missing > 0:
            more = missing + len(self._shape)
            self._shape = np.concatenate((self._shape, np.full(more, -1, np.int64)))
            self._first = np.concatenate((self._first, np.zeros(more, np.int64)))

    def _look_up(self, name: str, shape: int) -> int:
        first = self._known.get((name, shape))
        if first is None:
            if name_fault(name, self._limits):
                raise NeedsSlowPath
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            run = histogram_run(name, shape >> len(SUMS), shape & ((1 << len(SUMS)) - 1))
            first = self._known[name, shape] = self._accumulator.first_column(run)
        return first
