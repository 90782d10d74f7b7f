"""What the positions of a measure mean: between which values each of them lies, and in which order."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.formats.layouts.v2.shape import BOUNDS, CATEGORIES, EXPONENTIAL, INDEX, PublishedShape

CATEGORICAL = ("boolean", "flag", "enumerated")
"""Kinds of definitions whose buckets are values of their own."""

Edge = tuple[float, float]


@dataclass(frozen=True)
class Meaning:
    """The values of positions: ``edges`` by position, for all positions, or for those that were asked for.

    ``values``: each position is a value of its own, and percentiles are such values. ``geometric``: percentiles are
    spread by their logarithms inside of a bucket. ``labels`` are names by position.
    """

    edges: Mapping[int, Edge]
    values: bool = False
    geometric: bool = False
    labels: Sequence[str] = ()

    @cached_property
    def positions(self) -> list[int]:
        """All positions in the order of their values."""
        return sorted(self.edges, key=lambda position: self.edges[position])


def meaning_of(shape: PublishedShape, definition: Mapping[str, Any], positions: Sequence[int]) -> Meaning:
    """What these positions of a shape mean; ``definition`` is the measure's, and explains an index axis alone."""
    kind = shape.axis["kind"]
    if kind == INDEX:
        return _of_index(int(shape.axis["size"]), definition)
    if kind == BOUNDS:
        return Meaning(_of_bounds(shape.axis["bounds"], upper=shape.axis["closed"] == "upper"))
    if kind == EXPONENTIAL:
        return Meaning({p: exponential_edge(p, int(shape.axis["scale"])) for p in positions}, geometric=True)
    labels = shape.axis["labels"] if kind == CATEGORIES else ()
    return Meaning({i: (i, i + 1) for i in range(len(labels))}, values=True, labels=labels)


def _of_index(size: int, definition: Mapping[str, Any]) -> Meaning:
    try:
        known = Definition(
            definition["kind"],
            definition.get("description", ""),
            *(definition.get(name) for name in ("low", "high", "n_buckets", "n_values")),  # type: ignore[arg-type]
        )
    except (KeyError, TypeError, ValueError):
        known = None
    if known is None or known.buckets != size:
        return Meaning({i: (i, i + 1) for i in range(size)}, values=True)
    starts = list(known.bounds)
    labels = list(definition.get("labels", ()))
    ends = [*starts[1:], _last_end(known.kind, starts)]
    edges = {i: (start, end) for i, (start, end) in enumerate(zip(starts, ends, strict=True))}
    return Meaning(edges, values=known.kind in CATEGORICAL, labels=labels)


def _last_end(kind: str, starts: Sequence[int]) -> float:
    """The last bucket has no upper end: it is taken to be as wide as the one before it, or to grow alike."""
    last, before = starts[-1], starts[-2] if len(starts) > 1 else 0
    if kind in CATEGORICAL:
        return last + 1
    if kind == "exponential" and before > 0:
        return max(last + 1, math.floor(last * last / before + 0.5))
    return last + max(1, last - before)


def _of_bounds(bounds: Sequence[float], *, upper: bool) -> dict[int, Edge]:
    """Open ends are taken to be as wide as their neighbours; with one bound they have no width."""
    if not upper:
        width = bounds[-1] - bounds[-2] if len(bounds) > 1 else 0
        return dict(enumerate(zip(bounds, [*bounds[1:], bounds[-1] + width], strict=True)))
    if not bounds:
        return {0: (0, 0)}
    first = min(0.0, bounds[0]) if bounds[0] > 0 else bounds[0]
    width = bounds[-1] - bounds[-2] if len(bounds) > 1 else 0
    return dict(enumerate(zip([first, *bounds], [*bounds, bounds[-1] + width], strict=True)))


def exponential_edge(position: int, scale: int) -> Edge:
    """Between which values a position of an exponential axis lies; 0 is the value 0."""
    if position == 0:
        return (0.0, 0.0)
    code, negative = divmod(position - 1, 2)
    index = code >> 1 if not code & 1 else -(code >> 1) - 1
    low, high = _power(index, scale), _power(index + 1, scale)
    return (-high, -low) if negative else (low, high)


def _power(index: int, scale: int) -> float:
    try:
        return float(2.0 ** (index * 2.0**-scale))
    except OverflowError:
        return math.inf
