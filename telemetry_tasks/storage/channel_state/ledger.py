"""The contract of the ledger: which partitions are merged, and the commits that merge them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from telemetry_tasks.core.partition import LedgerEntry, Owner, Partition
from telemetry_tasks.storage.state_values import NOTHING_COUNTS, Batch, BuiltWith, Commit, Whole


class Ledger(Protocol):
    """Aggregated partitions, batches of them, and merged partitions."""

    def aggregated(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        """Partitions whose stored result is not merged yet, all or those of ``ids``: digest of the result by id."""
        ...

    def unbatched(self) -> dict[str, str]:
        """Aggregated partitions that are not in a batch."""
        ...

    def form_batch(self, batch: Batch, lease: float) -> bool:
        """Puts aggregated partitions into a batch. False if one of them is not free."""
        ...

    def batch(self, id: str) -> Batch | None:
        """The batch, or None if it is merged or dissolved."""
        ...

    def renew_batch(self, batch: str, lease: float) -> None:
        """Renews the lease of a batch that is not merged; 0 seconds end it at once."""
        ...

    def overdue_batches(self, lease: float, limit: int) -> list[Batch]:
        """Up to ``limit`` batches with expired leases, the oldest first; renews these for ``lease`` seconds."""
        ...

    def dissolve(self, batch: Batch) -> None:
        """Frees the partitions of a batch for another batch."""
        ...

    def merged(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        """The partitions in the ledger, which count, all or those of ``ids``: digest of the result by id."""
        ...

    def commit(
        self,
        delta: bytes,
        add: Mapping[str, str],
        *,
        batch: str = "",
        register: Mapping[str, Partition] | None = None,
        remove: Mapping[str, str] | None = None,
        owners: Mapping[str, Owner | None] | None = None,
        built_with: BuiltWith = NOTHING_COUNTS,
        instead_of: Whole | None = None,
    ) -> Commit:
        """Adds ``delta``: the partitions ``add`` (digest by id) count from now on, ``remove`` no longer. One step.

        ``register`` registers partitions of ``add``; ``owners`` changes the owner of files or removes it. All of it is
        written, or nothing.

        ``built_with`` are the settings that ``add`` was read with: another ``reading`` than that of what counts is
        refused. ``instead_of`` replaces everything that counts, whatever its settings: it drops base and deltas in
        the same step, so that only ``delta`` is left. It is refused unless ``remove`` is everything that counts.
        """
        ...

    def built_with(self) -> BuiltWith:
        """The settings with which the partitions that count were read."""
        ...

    def nonce(self) -> str:
        """Changes with every commit; "none" before the first."""
        ...

    def forgotten(self) -> set[str]:
        """Files that an operator removed: a snapshot may lack them."""
        ...

    def load(
        self, entries: Iterable[LedgerEntry], forgotten: Sequence[str] = (), built_with: BuiltWith = NOTHING_COUNTS
    ) -> None:
        """Registers the partitions of a checkpoint and their files as merged. For an empty channel/version.

        Raises ``StaleEpoch`` if another restore began meanwhile.
        """
        ...
