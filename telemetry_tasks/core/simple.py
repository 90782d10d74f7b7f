"""Simple measurements: single numbers that become histograms of fixed buckets.

The buckets are exponential, low 1, high 30000, 50 of them. The value falls into the last bucket whose lower
bound it reaches, a negative one into no bucket. Source: the aggregator of Mozilla's telemetry of 2013.
"""

import math
from bisect import bisect_right

from telemetry_tasks.core.fixed import to_fixed
from telemetry_tasks.core.rows import STATISTICS, Run

BOUNDS = (
    *(
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        9,
        11,
        13,
        16,
        20,
        24,
        29,
        35,
        43,
        52,
        63,
        77,
        94,
        115,
        140,
        171,
        209,
        255,
        311,
    ),
    *(379, 462, 564, 688, 839, 1023, 1248, 1522, 1857, 2265, 2763, 3370, 4111, 5015, 6118, 7463, 9104, 11106),
    *(13548, 16527, 20161, 24593, 30000),
)
PREFIX = "SIMPLE_MEASURES_"
BUILD_ID = "0"
REVISION = "simple-measures-hack"
UNKNOWN = 0b11000
"""sum_squares_lo and sum_squares_hi are never known."""


def measure_name(name: str, sub: str | None = None) -> str:
    """``("addonManager", "saves")`` → ``SIMPLE_MEASURES_ADDONMANAGER_SAVES``."""
    return PREFIX + name.upper() + ("" if sub is None else "_" + sub.upper())


def run_of(measure: str) -> Run:
    """The columns of a simple measurement: 50 buckets, the statistics, the pings."""
    return Run(measure, len(BOUNDS) + STATISTICS, UNKNOWN, True)


def units_of(value: int | float) -> list[tuple[int, int]]:
    """The numbers that a finite value adds, as (column in the run, units), zeros left out.

    Raises ``OverflowError`` for integers beyond the range of a double.
    """
    bucket = bisect_right(BOUNDS, value) - 1
    log = math.log(abs(value) + 1)
    buckets = len(BOUNDS)
    numbers = [] if bucket < 0 else [(bucket, to_fixed(1))]
    statistics = (value, log, log * log)
    numbers += [(buckets + i, to_fixed(x)) for i, x in enumerate(statistics) if x]
    numbers.append((buckets + STATISTICS, to_fixed(1)))
    return numbers
