"""What the buckets of a measure mean: bounds, kind and labels, by the definition that fits the columns."""

from collections.abc import Mapping
from dataclasses import dataclass

from telemetry_tasks.core.bounds import (
    THREE_BUCKETS,
    check_range,
    enumerated_bounds,
    exponential_bounds,
    linear_bounds,
)
from telemetry_tasks.core.shapes import INDEX, Shape

KINDS = ("boolean", "flag", "enumerated", "linear", "exponential")
"""The kinds that readers of published data know. Every definition has one of these."""

SIMPLE_PREFIX = "SIMPLE_MEASURES_"
STARTUP_PREFIX = "STARTUP_"

SIMPLE_RANGE = (1, 30000, 50)
"""Of simple measurements: the lower bounds of the second and of the last bucket, and how many buckets there are."""

MAX_BUCKETS = 100_000
"""More than any real histogram has. A larger definition is a mistake and would cost readers memory."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One histogram as published. Raises ``ValueError`` if it would be invalid.

    ``low`` and ``high`` are the lower bounds of the second and of the last bucket. ``n_buckets`` counts the
    buckets of every kind but enumerated, which has ``n_values`` and one bucket more. ``original_kind`` is the
    kind in the client's definition if it is not one of ``KINDS``; ``labels`` are the names of a categorical's
    values. ``unknown`` means that no definition was found that fits the data, and that this one was derived
    from the length of the array.
    """

    kind: str
    description: str
    low: int
    high: int
    n_buckets: int | None = None
    n_values: int | None = None
    original_kind: str | None = None
    labels: tuple[str, ...] = ()
    unknown: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} is not one of {', '.join(KINDS)}")
        if (self.n_values is None) is (self.n_buckets is None):
            raise ValueError("a definition has either n_buckets or n_values")
        if (self.kind == "enumerated") is (self.n_values is None):
            raise ValueError(f"{self.kind} does not go with the count that is given")
        if not 0 < self.buckets <= MAX_BUCKETS:
            raise ValueError(f"{self.buckets} buckets are not within 1 to {MAX_BUCKETS}")
        if self.kind in ("linear", "exponential"):
            check_range(self.low, self.high, self.buckets)
        elif self.kind != "enumerated" and (self.low, self.high, self.n_buckets) != (1, 2, 3):
            raise ValueError(f"{self.kind} always has 3 buckets, from 0, 1 and 2")

    @property
    def buckets(self) -> int:
        """Buckets of an array: 3 for boolean and flag, one more than its values for enumerated."""
        return self.n_buckets if self.n_buckets is not None else (self.n_values or 0) + 1

    @property
    def bounds(self) -> tuple[int, ...]:
        """Lower bounds of the buckets, see ``core.bounds``."""
        if self.kind == "linear":
            return linear_bounds(self.low, self.high, self.buckets)
        if self.kind == "exponential":
            return exponential_bounds(self.low, self.high, self.buckets)
        return enumerated_bounds(self.buckets - 1) if self.kind == "enumerated" else THREE_BUCKETS


def three_buckets(kind: str, description: str) -> Definition:
    """A boolean or a flag."""
    return Definition(kind, description, 1, 2, n_buckets=len(THREE_BUCKETS))


def enumerated(n_values: int, description: str, **more: object) -> Definition:
    """Values 0 to ``n_values`` - 1, and a last bucket for larger values."""
    return Definition("enumerated", description, 1, n_values, n_values=n_values, **more)  # type: ignore[arg-type]


def meaning_of(measure: str, shape: Shape, known: Mapping[str, Definition] | None) -> Definition:
    """What the positions of an index axis mean: the definition under which these columns are published.

    ``known`` are the definitions of the revision that they came with, None if they were not found.
    ``STARTUP_X`` takes X's unless it has its own; ``SIMPLE_MEASURES_*`` is built in. If nothing fits, the
    result is an enumerated one with as many buckets, marked ``unknown``; its description says why.
    Raises ``ValueError`` for other kinds of axes, which no definition explains.
    """
    if shape.axis.kind != INDEX:
        raise ValueError(f"no definition explains an axis of kind {shape.axis.kind}")
    buckets = shape.axis.size
    candidates = _candidates(measure, known or {})
    for candidate in candidates:
        if candidate.buckets == buckets:
            return candidate
    why = _why_unknown(candidates, buckets, known)
    return enumerated(buckets - 1, f"{why} Shown by the number of the bucket.", unknown=True)


def _why_unknown(candidates: list[Definition], buckets: int, known: Mapping[str, Definition] | None) -> str:
    if candidates:
        misfit = candidates[0]
        described = f"{misfit.description.rstrip('. ')}. " if misfit.description else ""
        return f"{described}The definition gives {misfit.buckets} buckets, the data have {buckets}."
    if known is None:
        return "No definitions were found for this revision."
    return "This revision does not define the measure."


def _candidates(measure: str, known: Mapping[str, Definition]) -> list[Definition]:
    if measure.startswith(SIMPLE_PREFIX):
        return [simple_measure(measure)]
    names = [measure]
    if measure.startswith(STARTUP_PREFIX):
        names.append(measure.removeprefix(STARTUP_PREFIX))
    return [known[name] for name in names if name in known]


def simple_measure(measure: str) -> Definition:
    """The definition of every simple measurement; ``measure`` includes the prefix."""
    description = f"Histogram aggregation for simple measure: {measure.removeprefix(SIMPLE_PREFIX)}"
    low, high, n_buckets = SIMPLE_RANGE
    return Definition("exponential", description, low, high, n_buckets=n_buckets)
