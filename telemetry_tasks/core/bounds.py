"""Lower bounds of a histogram's buckets, by the formulas of Mozilla's clients of 2013.

Every function gives a tuple of strictly increasing integers that starts with 0: bucket i holds the values
from bound i up to the next bound; the last bucket has no upper end.
"""

import math
from functools import lru_cache

THREE_BUCKETS = (0, 1, 2)
"""Bounds of boolean and flag histograms. The third bucket stays empty; clients send it anyway."""


def check_range(low: int, high: int, n_buckets: int) -> None:
    """Raises ``ValueError`` if the three numbers do not give strictly increasing bounds."""
    if not 1 <= low < high:
        raise ValueError(f"low {low} and high {high} are not 1 <= low < high")
    if not 3 <= n_buckets <= high - low + 2:
        raise ValueError(f"{n_buckets} buckets from {low} to {high}: needs 3 to {high - low + 2}")


@lru_cache(maxsize=1024)
def linear_bounds(low: int, high: int, n_buckets: int) -> tuple[int, ...]:
    """0, then ``n_buckets - 1`` bounds spread evenly from ``low`` to ``high``."""
    check_range(low, high, n_buckets)
    steps = n_buckets - 2
    return (0, *(_half_up(low * (steps + 1 - i) + high * (i - 1), steps) for i in range(1, n_buckets)))


def _half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded to an integer, halves up, in integer arithmetic only."""
    return (2 * numerator + denominator) // (2 * denominator)


@lru_cache(maxsize=1024)
def exponential_bounds(low: int, high: int, n_buckets: int) -> tuple[int, ...]:
    """0, ``low``, then bounds with evenly spread logarithms up to ``high``, each above the last."""
    check_range(low, high, n_buckets)
    log_high = math.log(high)
    bounds = [0, low]
    for i in range(2, n_buckets):
        current = bounds[-1]
        log_current = math.log(current)
        following = math.floor(math.exp(log_current + (log_high - log_current) / (n_buckets - i)) + 0.5)
        bounds.append(max(following, current + 1))
    return tuple(bounds)


def enumerated_bounds(n_values: int) -> tuple[int, ...]:
    """0 … ``n_values``: one bucket per value and one for larger values."""
    return tuple(range(n_values + 1))
