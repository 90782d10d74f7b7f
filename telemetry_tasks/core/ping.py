"""Adds one parsed ping. Every scanner must agree with this.

Source of the rules: docs/semantics.md.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.fixed import UNITS, to_fixed
from telemetry_tasks.core.histograms import SQUARES_HIGH, SQUARES_LOW, SUMS, histogram_run
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PING_COUNT, Run


@dataclass(slots=True)
class LineCounts:
    """Lines of one file: good ones, bad ones by reason, and what was left out of good ones by reason."""

    good: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def name_fault(name: str, limits: Limits) -> str | None:
    """Why a measure's name cannot be used, or None."""
    if len(name) > limits.name_length:
        return "name-too-long"
    return None if _names(limits.name_alphabet).match(name) else "name-not-allowed"


@lru_cache(maxsize=8)
def _names(alphabet: str) -> re.Pattern[str]:
    return re.compile(rf"[{alphabet}]+\Z", re.ASCII)


WORTH_OF_HIGH = 1 << 32
"""What one of ``sum_squares_hi`` is worth."""


def is_number(value: object) -> bool:
    """Whether the JSON value is a number (true and false are not)."""
    return type(value) in (int, float)


def array_fault(values: object, limits: Limits) -> str | None:
    """Why a histogram's value cannot be added, or None."""
    if not isinstance(values, list):
        return "histogram-no-array"
    if len(values) <= len(SUMS):
        return "histogram-too-short"
    if len(values) > limits.array_length:
        return "histogram-too-long"
    if not all(map(is_number, values)):
        return "histogram-no-number"
    try:
        finite = all(map(math.isfinite, values))
    except OverflowError:  # an integer beyond the range of a double
        finite = False
    if not finite:
        return "histogram-not-finite"
    return "histogram-negative-bucket" if min(values[: -len(SUMS)]) < 0 else None


def signed_squares(low: int | float, high: int | float) -> bool:
    """Whether ``sum_squares_lo`` is negative because a client of 2013 sent an unsigned number as a signed one.

    If ``sum_squares_hi`` is -1 too, -1 means "not known".
    """
    return low < 0 and not low == high == -1


def known_units(values: list[int | float]) -> tuple[list[int], int]:
    """An array in units, with 0 for unknown sums, and the mask of those."""
    buckets = len(values) - len(SUMS)
    sums = values[buckets:]
    units = [to_fixed(x) for x in values]
    not_known = [x == -1 for x in sums]
    if signed_squares(sums[SQUARES_LOW], sums[SQUARES_HIGH]):
        not_known[SQUARES_LOW] = sums[SQUARES_LOW] == -1 - WORTH_OF_HIGH
        units[buckets + SQUARES_LOW] += WORTH_OF_HIGH * UNITS
    for i in range(len(SUMS)):
        if not_known[i]:
            units[buckets + i] = 0
    return units, sum(1 << i for i in range(len(SUMS)) if not_known[i])


def measurements_in(measurements: object) -> int:
    """How many simple measurements there are, numbers or not."""
    if not isinstance(measurements, dict):
        return 0
    return sum(len(value) if isinstance(value, dict) else 1 for value in measurements.values())


def add_ping(
    accumulator: Accumulator,
    row: Row,
    histograms: object,
    measurements: object,
    limits: Limits,
    counts: LineCounts,
) -> None:
    """Adds a whole ping, parsed by the json module, number by number: slow, for unusual lines."""
    numbers: dict[int, int] = {}

    def add(run: Run, items: list[tuple[int, int]]) -> None:
        first = accumulator.first_column(run)
        for column, units in items:
            if units:
                numbers[first + column] = numbers.get(first + column, 0) + units

    for name, values in histograms.items() if isinstance(histograms, dict) else ():
        fault = name_fault(name, limits) or array_fault(values, limits)
        if fault:
            counts.left_out[fault] += 1
            continue
        units, unknown = known_units(values)
        run = histogram_run(name, len(values), unknown)
        add(run, [*enumerate(units), (run.shape.column(PING_COUNT), UNITS)])
    for name, value in measurements.items() if isinstance(measurements, dict) else ():
        for sub, number in value.items() if isinstance(value, dict) else ((None, value),):
            measure = simple.measure_name(name, sub)
            fault = name_fault(measure, limits) or number_fault(number)
            if fault:
                counts.left_out[fault] += 1
            else:
                add(simple.run_of(measure), simple.units_of(number))
    index = accumulator.row(row)
    accumulator.add_ping(index)
    accumulator.add_units(index, numbers.items())


def number_fault(value: object) -> str | None:
    """Why a simple measurement cannot be added, or None."""
    if not is_number(value):
        return "simple-no-number"
    try:
        return None if math.isfinite(value) else "simple-not-finite"  # type: ignore[arg-type]
    except OverflowError:
        return "simple-not-finite"
