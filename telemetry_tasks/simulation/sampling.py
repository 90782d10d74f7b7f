"""Drawn values to the arrays that clients send: buckets, and sums by the habits of Firefox 28.

- exponential: ``sum``, ``log_sum`` = Σ ln(1 + value), ``log_sum_squares`` = the sum of its squares, each term in
  32-bit floating point; ``sum_squares_lo`` and ``sum_squares_hi`` are -1, "not known"
- all other kinds: ``sum``, -1, -1, and the sum of the squared values as a 64-bit integer in two halves, both of
  them signed
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telemetry_tasks.core.definitions import Definition


@dataclass(frozen=True, slots=True)
class Arrays:
    """``counts`` is pings × buckets; ``sums`` holds the last five elements, each with one value a ping."""

    counts: NDArray[np.int64]
    sums: tuple[NDArray[np.int64] | NDArray[np.float64], ...]

    def rows(self) -> list[list[int | float] | None]:
        """The array of each ping; None for one without a sample: clients leave it out."""
        sums = zip(*(each.tolist() for each in self.sums), strict=True)
        sampled: list[bool] = np.asarray(self.counts.any(axis=1)).tolist()
        return [
            [*counts, *stats] if has else None
            for counts, stats, has in zip(self.counts.tolist(), sums, sampled, strict=True)
        ]


def of_samples(definition: Definition, owner: NDArray[np.int64], values: NDArray[np.int64], pings: int) -> Arrays:
    """Arrays from single values (0 or more): ``values[i]`` was measured by ping ``owner[i]``."""
    buckets = definition.buckets
    bucket = np.searchsorted(np.array(definition.bounds), values, side="right") - 1
    counts = np.bincount(owner * buckets + bucket, minlength=pings * buckets).reshape(pings, buckets)
    total = _sums(owner, values, pings).astype(np.int64)
    if definition.kind == "exponential":
        logs = np.log1p(values.astype(np.float64)).astype(np.float32)
        not_known = np.full(pings, -1)
        log_sums = _sums(owner, logs, pings), _sums(owner, logs * logs, pings)
        return Arrays(counts, (total, *log_sums, not_known, not_known))
    return Arrays(counts, _plain_sums(total, _sums(owner, values * values, pings).astype(np.int64)))


def of_counts(counts: NDArray[np.int64]) -> Arrays:
    """Arrays of kinds whose bucket i holds exactly the value i: boolean, flag, enumerated."""
    values = np.arange(counts.shape[1])
    return Arrays(counts, _plain_sums(counts @ values, counts @ (values * values)))


def of_count(numbers: NDArray[np.int64]) -> Arrays:
    """Arrays of the kind ``count``: the first of three buckets holds how often it was counted."""
    counts = np.zeros((len(numbers), 3), np.int64)
    counts[:, 0] = numbers
    return Arrays(counts, _plain_sums(numbers, numbers))


def _sums(owner: NDArray[np.int64], terms: NDArray[np.generic], pings: int) -> NDArray[np.float64]:
    """Sums of each ping's terms; exact for integers up to 2**53."""
    return np.asarray(np.bincount(owner, weights=terms, minlength=pings), np.float64)


def _plain_sums(
    total: NDArray[np.int64], squares: NDArray[np.int64]
) -> tuple[NDArray[np.int64] | NDArray[np.float64], ...]:
    not_known = np.full(len(total), -1)
    low = (squares & 0xFFFFFFFF).astype(np.uint32).view(np.int32).astype(np.int64)
    return total, not_known, not_known, low, squares >> 32
