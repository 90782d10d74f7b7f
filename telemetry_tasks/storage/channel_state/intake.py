"""The contract of intake: files and partitions on their way to an aggregated result."""

from collections.abc import Sequence
from typing import Protocol

from telemetry_tasks.core.partition import Owner, Partition


class Intake(Protocol):
    """Registered files, and partitions until they are aggregated."""

    def registered(self, keys: Sequence[str]) -> dict[str, Owner]:
        """The registered ones of these file keys, with their owners. Empty in another epoch."""
        ...

    def register(self, partition: Partition) -> list[str] | None:
        """Registers a partition. Returns the conflicting file keys, empty on success; None in a stale epoch."""
        ...

    def note_uploaded(self, key: str, uploaded: float) -> None:
        """Stores when a partition's oldest file was uploaded, until it is published. For metrics only."""
        ...

    def unpublished(self) -> dict[str, float]:
        """Upload times by file key: the oldest file of every partition that is not published yet."""
        ...

    def oldest_unpublished(self) -> float | None:
        """The oldest of those upload times."""
        ...

    def oldest_waiting(self) -> float | None:
        """When the first waiting partition began to wait, or may be claimed if it is delayed; seconds since 1970."""
        ...

    def oldest_lease(self) -> float | None:
        """When the first lease of a running partition ends or ended, seconds since 1970."""
        ...

    def note_published(self, keys: Sequence[str]) -> list[str]:
        """Drops file keys that are published now. Returns those that no other process dropped first."""
        ...

    def partitions(self, ids: Sequence[str]) -> dict[str, Partition]:
        """The registered partitions of these ids."""
        ...

    def running_count(self) -> int:
        """Partitions that are running."""
        ...

    def claim(self, limit: int, lease: float, *, overdue: int = 0) -> list[str]:
        """Claims up to ``limit`` waiting partitions for ``lease`` seconds, and up to ``overdue`` overdue ones."""
        ...

    def start(self, partition: str, lease: float) -> int:
        """Begins an attempt and renews the lease. Returns its number, from 1; 0 if there is nothing to do."""
        ...

    def renew(self, partition: str, lease: float) -> None:
        """Renews the lease of a running partition; ignores others."""
        ...

    def release(self, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Makes a running partition wait again; it can be claimed after ``delay`` seconds.

        ``counts`` says whether the attempt counts.
        """
        ...

    def note_error(self, partition: str, error: str) -> None:
        """Stores why the last attempt failed."""
        ...

    def error(self, partition: str) -> str | None:
        """Why the last attempt failed, if known."""
        ...

    def errors(self) -> dict[str, tuple[float, str]]:
        """Partitions whose last attempt failed: since when attempts fail (seconds since 1970), and why."""
        ...

    def split(self, partition: str, parts: Sequence[Partition]) -> bool:
        """Replaces a partition that could not be aggregated by ``parts``. False if it was too late."""
        ...

    def note_aggregated(self, partition: str, digest: str) -> bool:
        """Records that the partition's result is stored. False if it is aggregated or merged already, or unknown."""
        ...

    def aggregate_again(self, partition: str, error: str) -> bool:
        """Makes an aggregated partition wait again because its result is gone or damaged. False if it is merged."""
        ...
