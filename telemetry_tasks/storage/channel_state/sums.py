"""The contract of the sums: deltas, and the base to which a compaction adds them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from telemetry_tasks.storage.state_values import Base


class Sums(Protocol):
    """The base, in blocks, and the deltas that are not in it yet."""

    def deltas(self, ids: Sequence[str] | None = None) -> dict[str, bytes]:
        """The deltas that are not in the base, all or those of ``ids``: their bytes by id."""
        ...

    def delta_pieces(self) -> dict[str, int]:
        """The deltas that are not in the base: their numbers of pieces by id."""
        ...

    def delta_count(self) -> int:
        """Deltas that are not in the base."""
        ...

    def base(self) -> Base:
        """Version and digests of the base, read atomically. Raises ``StaleEpoch`` if the state is lost."""
        ...

    def blocks(self, names: Sequence[str]) -> dict[str, bytes]:
        """The existing blocks of the base with these names; consistent if ``base`` has one version before and after."""
        ...

    def block_bytes(self, names: Sequence[str]) -> dict[str, int]:
        """The stored sizes of these blocks of the base; 0 if there is none."""
        ...

    def delta_bytes(self) -> dict[str, int]:
        """The stored sizes of the deltas that are not in the base, by id."""
        ...

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        measures: Mapping[str, str | None],
    ) -> str:
        """Replaces ``blocks`` of ``base`` and the digests of ``measures`` (None drops one), and drops ``deltas``.

        ``deltas`` are those that the blocks contain, with their numbers of pieces. Blocks get the digests of their
        bytes. Returns ok, stale, moved or unstaged; only ok has written anything.
        """
        ...
