"""Simple measurements: single numbers that become histograms of fixed buckets.

The buckets are exponential (``SIMPLE_RANGE``). The value falls into the last bucket whose lower
bound it reaches, a negative one into no bucket. Source: the aggregator of Mozilla's telemetry of 2013.
"""

import math
from bisect import bisect_right

from telemetry_tasks.core.bounds import exponential_bounds
from telemetry_tasks.core.definitions import SIMPLE_PREFIX, SIMPLE_RANGE
from telemetry_tasks.core.fixed import to_fixed
from telemetry_tasks.core.histograms import SQUARES_HIGH, SQUARES_LOW, histogram_shape
from telemetry_tasks.core.shapes import PING_COUNT, Run

BOUNDS = exponential_bounds(*SIMPLE_RANGE)
REVISION = "simple-measures-hack"
"""What defines simple measurements instead of a build, as published."""
SHAPE = histogram_shape(len(BOUNDS), 1 << SQUARES_LOW | 1 << SQUARES_HIGH, REVISION)
"""50 buckets and the sums, of which those of squares are never known."""
PINGS_COLUMN = SHAPE.column(PING_COUNT)


def measure_name(name: str, sub: str | None = None) -> str:
    """``("addonManager", "saves")`` → ``SIMPLE_MEASURES_ADDONMANAGER_SAVES``."""
    return SIMPLE_PREFIX + name.upper() + ("" if sub is None else "_" + sub.upper())


def run_of(measure: str) -> Run:
    """The columns of a simple measurement."""
    return Run(measure, "", SHAPE)


def units_of(value: int | float) -> list[tuple[int, int]]:
    """The numbers that a finite value adds, as (column in the run, units), zeros left out."""
    bucket = bisect_right(BOUNDS, value) - 1
    numbers = [] if bucket < 0 else [(bucket, to_fixed(1))]
    numbers += [(SHAPE.axis.size + i, units) for i, x in enumerate(sums_of(value)) if (units := to_fixed(x))]
    numbers.append((PINGS_COLUMN, to_fixed(1)))
    return numbers


def sums_of(value: int | float) -> tuple[float, float, float]:
    """The first sums of ``SHAPE`` that a value adds to: itself, its logarithm, the square of that."""
    log = math.log(abs(value) + 1)
    return value, log, log * log
