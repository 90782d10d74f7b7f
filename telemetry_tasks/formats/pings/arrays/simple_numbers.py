"""The numbers of simple measurements of many pings at once. The rules are those of ``core.simple``."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import DENSE_LIMIT, Accumulator
from telemetry_tasks.core.fixed import split
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import is_number, name_fault
from telemetry_tasks.formats.pings.arrays.json_line import NeedsSlowPath
from telemetry_tasks.formats.pings.arrays.run_columns import MOST_REMEMBERED

_BOUNDS = np.array(simple.BOUNDS, np.float64)
_SUMS = len(simple.sums_of(0))
"""sum, log_sum, log_sum_squares: the others are never known."""


class SimpleNumbers:
    """Finds the columns of simple measurements and computes what they add."""

    def __init__(self, accumulator: Accumulator, limits: Limits) -> None:
        self._accumulator, self._limits = accumulator, limits
        self.forget()

    def forget(self) -> None:
        """The accumulator was emptied."""
        self._firsts: dict[tuple[str, str | None], int] = {}

    def read(self, measurements: Mapping[str, Any]) -> tuple[list[int], list[int | float], int]:
        """First columns and values of one ping, and how many were not numbers. Raises ``NeedsSlowPath``."""
        firsts: list[int] = []
        values: list[int | float] = []
        no_numbers = 0
        for name, value in measurements.items():
            for sub, number in value.items() if type(value) is dict else ((None, value),):
                first = self._first(name, sub)
                if not is_number(number):
                    no_numbers += 1
                    continue
                if not -DENSE_LIMIT < number < DENSE_LIMIT:  # also if it is not finite
                    raise NeedsSlowPath
                firsts.append(first)
                values.append(number)
        if len(set(firsts)) != len(firsts):
            raise NeedsSlowPath
        return firsts, values, no_numbers

    def _first(self, name: str, sub: str | None) -> int:
        first = self._firsts.get((name, sub))
        if first is None:
            measure = simple.measure_name(name, sub)
            if name_fault(measure, self._limits):
                raise NeedsSlowPath
            if len(self._firsts) >= MOST_REMEMBERED:  # one measure has many spellings
                self.forget()
            first = self._firsts[name, sub] = self._accumulator.first_column(simple.run_of(measure))
        return first

    def numbers(
        self, firsts: Sequence[int], values: Sequence[int | float]
    ) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Columns and integer parts, columns and fractions, of values whose columns begin at ``firsts``: a row each."""
        value = np.array(values, np.float64)
        first = np.array(firsts, np.int64)[:, None]
        log = np.array([math.log(abs(each) + 1) for each in values], np.float64)  # numpy's may differ in the last bit
        whole, fraction = split(np.stack((value, log, log * log), axis=1))
        bucket = np.searchsorted(_BOUNDS, value, "right") - 1
        sum_columns = first + simple.SHAPE.axis.size + np.arange(_SUMS)
        columns = np.concatenate(
            (first + np.maximum(bucket, 0)[:, None], sum_columns, first + simple.PINGS_COLUMN), axis=1
        )
        ones = np.ones((len(value), 1), np.int64)
        integers = np.concatenate(((bucket >= 0)[:, None].astype(np.int64), whole, ones), axis=1)
        return (columns, integers), (sum_columns, fraction)
