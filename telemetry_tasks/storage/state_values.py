"""Values that the state accepts and returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

PIECE = 8 << 20
"""The most bytes of a piece of a delta: larger values block Redis for too long (8 MiB take about 60 ms)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Aggregated partitions that are merged together."""

    id: str
    partitions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """The outcome of a commit; ``ids`` are the partitions concerned.

    ``code``: ok, stale, already merged, unknown, replaced, moved, unstaged, or settings (not those of the ledger).
    """

    code: str
    ids: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the contribution counts now."""
        return self.code == "ok"


@dataclass(frozen=True, slots=True)
class Base:
    """Version (None before the first compaction) and digests of the base."""

    version: str | None
    measures: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)


class Posted(NamedTuple):
    """A value on a board: when it was written, seconds since 1970, and how long ago, both by the state's clock."""

    value: bytes
    at: float
    age: float


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that a commit replaces: the base and the deltas beside it (pieces by id), read atomically."""

    base: Base
    deltas: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BuiltWith:
    """The settings with which counted partitions were read: ``reading`` decides what rows mean ("" if nothing counts).

    ``limits``: one text, or several if the limits were changed and not everything was reprocessed since.
    """

    reading: str = ""
    limits: frozenset[str] = frozenset()


NOTHING_COUNTS = BuiltWith()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many partitions of one channel/version are at each station: waiting, running, aggregated, merged.

    ``digests`` are those of the base: of measures and of blocks.
    """

    files: int
    waiting: int
    running: int
    aggregated: int
    batches: int
    merged: int
    deltas: int
    oldest_waiting: float | None
    digests: int
