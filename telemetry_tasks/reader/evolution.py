"""A measure by date: exact numbers of each date, and figures computed from them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from telemetry_tasks.reader.meaning import Meaning, meaning_of

Number = int | float


@dataclass(frozen=True)
class Point:
    """The numbers of one date, exact.

    ``records`` hold the measure. ``counts`` by position are the samples in its buckets; only those that are not 0.
    ``sums`` are those that clients sent, by name; None if no record knew it. ``left_out`` are records of the date whose
    measure had another shape.
    """

    date: str
    shape: PublishedShape
    records: int
    counts: Mapping[int, Number]
    sums: Mapping[str, Number | None]
    left_out: int = 0

    @property
    def samples(self) -> Number:
        """How many samples: the sum of all counts."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Evolution:
    """A measure by one kind of date. ``points`` ascend by date; ``definition`` is the measure's, as published."""

    measure: str
    by: str
    key: str
    definition: Mapping[str, Any]
    points: Sequence[Point] = field(default_factory=list)

    @cached_property
    def _meanings(self) -> dict[str, Meaning]:
        positions: dict[str, set[int]] = {}
        shapes = {}
        for point in self.points:
            positions.setdefault(point.shape.text, set()).update(point.counts)
            shapes[point.shape.text] = point.shape
        return {text: meaning_of(shapes[text], self.definition, sorted(found)) for text, found in positions.items()}

    def meaning(self, point: Point) -> Meaning:
        """What the positions of a point mean."""
        return self._meanings[point.shape.text]

    def percentile(self, point: Point, percent: float) -> float:
        """The value below which so many percent of a point's samples lie (0 to 100); NaN without samples.

        An estimate: samples are taken to be spread evenly over the bucket they fall in, by their logarithms if the axis
        is exponential. Buckets that are values give the value itself.
        """
        if not 0 <= percent <= 100:
            raise ValueError(f"a percentile is a number from 0 to 100, not {percent}")
        meaning = self.meaning(point)
        target, below = point.samples * percent / 100, 0.0
        for position in meaning.positions:
            count = point.counts.get(position, 0)
            if count > 0 and below + count >= target:
                low, high = meaning.edges[position]
                return low if meaning.values else _inside(low, high, (target - below) / count, meaning.geometric)
            below += count
        return math.nan


def _inside(low: float, high: float, share: float, geometric: bool) -> float:
    if geometric and low > 0 and math.isfinite(high):
        return float(low * (high / low) ** share)
    if geometric and high < 0 and math.isfinite(low):
        return float(low * (high / low) ** share)
    return low + (high - low) * share if math.isfinite(high - low) else low
