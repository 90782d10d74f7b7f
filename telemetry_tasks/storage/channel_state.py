"""The contract of the state of one channel/version: files and partitions, what counts, the sums, jobs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from telemetry_tasks.core.partition import LedgerEntry, Partition
from telemetry_tasks.storage.state_values import NOTHING_COUNTS, Base, Batch, BuiltWith, Commit, Counts, Whole


class ChannelState(Protocol):
    """As seen by a process in ``epoch``. The epoch fences every write to the sums and the ledger: in another it fails.

    Clocks are the state's own, times are seconds. "In one step" means atomically. A request whose answer
    is lost may be sent again. Raises ``InfrastructureError`` if the state is unavailable.
    """

    name: str
    epoch: str

    # The epoch

    def begin(self) -> None:
        """Starts this epoch for the channel/version and drops the data of an earlier one.

        A later epoch is not changed: all further writes of this process are then refused.
        """
        ...

    def is_of_this_epoch(self) -> bool:
        """Whether the channel/version has begun this epoch, and no later one."""
        ...

    # Registration and dispatch

    def registered(self, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The registered ones of these file keys, with (ETag, partition id). Empty in another epoch."""
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
        """When the first lease of a dispatched partition ends or ended, seconds since 1970."""
        ...

    def note_published(self, keys: Sequence[str]) -> list[str]:
        """Drops file keys that are published now. Returns those that no other process dropped first."""
        ...

    def partitions(self, ids: Sequence[str]) -> dict[str, Partition]:
        """The registered partitions of these ids."""
        ...

    def dispatched(self) -> int:
        """Partitions that are dispatched and not finished."""
        ...

    def claim(self, limit: int, lease: float, *, overdue: int = 0) -> list[str]:
        """Claims up to ``limit`` waiting partitions for ``lease`` seconds, and up to ``overdue`` overdue ones."""
        ...

    def start(self, partition: str, lease: float) -> int:
        """Begins an attempt and renews the lease. Returns its number, from 1; 0 if there is nothing to do."""
        ...

    def renew(self, partition: str, lease: float) -> None:
        """Renews the lease of a dispatched partition; ignores others."""
        ...

    def release(self, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Returns a dispatched partition to those that wait; it can be claimed after ``delay`` seconds.

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

    def finish(self, partition: str, digest: str) -> bool:
        """Records that the partition's result is stored. False if it counts already or is not known."""
        ...

    def unfinish(self, partition: str, error: str) -> bool:
        """Makes a finished partition wait again because its result is gone or damaged. False if it counts already."""
        ...

    # Batches, ledger and commits

    def finished(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        """Partitions whose stored result does not count yet, all or those of ``ids``: digest of the result by id."""
        ...

    def unbatched(self) -> dict[str, str]:
        """Finished partitions that are not in a batch."""
        ...

    def form_batch(self, batch: Batch, lease: float) -> bool:
        """Puts finished partitions into a batch. False if one of them is not free."""
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

    def ledger(self) -> dict[str, str]:
        """The partitions that count: digest of the result by id."""
        ...

    def counting(self, ids: Sequence[str]) -> set[str]:
        """The ledger entries of these partitions."""
        ...

    def commit(
        self,
        delta: bytes,
        add: Mapping[str, str],
        *,
        batch: str = "",
        register: Mapping[str, Partition] | None = None,
        remove: Mapping[str, str] | None = None,
        owners: Mapping[str, str | None] | None = None,
        expected_nonce: str = "",
        built_with: BuiltWith = NOTHING_COUNTS,
        instead_of: Whole | None = None,
    ) -> Commit:
        """Adds ``delta``: the partitions ``add`` (digest by id) count from now on, ``remove`` no longer. One step.

        ``register`` registers partitions of ``add``; ``owners`` changes the owner of files ("etag partition-id") or
        removes it. All of it is written, or nothing.

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
        """Registers the partitions of a checkpoint and their files as counted. For an empty channel/version.

        Raises ``StaleEpoch`` if another restore began meanwhile.
        """
        ...

    # Deltas and base

    def deltas(self) -> dict[str, bytes]:
        """The deltas that are not in the base: their bytes by id."""
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

    def delta_bytes(self) -> int:
        """The stored size of all deltas."""
        ...

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        digests: Mapping[str, str | None],
    ) -> str:
        """Replaces ``blocks`` (None drops one) and ``digests`` of ``base``, and drops the deltas contained in them.

        ``deltas`` gives the number of pieces by id. Returns ok, stale, moved or unstaged; only ok has written anything.
        """
        ...

    # Reprocessing

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        """Stores a job's plan and leases the job for ``lease`` seconds. False if the job exists already."""
        ...

    def renew_job(self, job: str, lease: float) -> None:
        """Renews the lease of a running job for ``lease`` seconds, after which the sweep sends it again."""
        ...

    def jobs(self) -> dict[str, bytes]:
        """The plans of the running jobs, by id."""
        ...

    def overdue_jobs(self) -> list[str]:
        """Jobs whose lease is over."""
        ...

    def begin_try(self, job: str, life: str, partition: str, lease: float, message: str = "") -> int:
        """Begins an attempt at a partition of the job and leases the partition for ``lease`` seconds.

        ``message`` identifies the message of the attempt. If it is delivered again, its earlier attempt is over: the
        new one does not wait for it.

        Returns its number, from 1; 0 if there is nothing to do now: the life is over, the partition has its result,
        another attempt is under way, or the next one is not due yet.
        """
        ...

    def renew_try(self, job: str, life: str, partition: str, attempt: int, lease: float) -> None:
        """Renews the partition's lease for ``lease`` seconds, if ``attempt`` is the last one that began."""
        ...

    def release_try(self, job: str, life: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Ends an attempt without a result; the next one is due after ``delay`` seconds.

        ``counts`` says whether the attempt counts.
        """
        ...

    def resting(self, job: str) -> set[str]:
        """The partitions of the job that have a running attempt, or whose next attempt is not due yet."""
        ...

    def life_of(self, job: str) -> str:
        """The life of the job: one that is cancelled and started again has a new life."""
        ...

    def note_done(self, job: str, life: str, partition: str, digest: str) -> bool:
        """Records the result of a partition of the job. False if that life of the job is over."""
        ...

    def done(self, job: str) -> dict[str, str]:
        """Digests of the results that the job has so far, by partition."""
        ...

    def end_job(self, job: str) -> bool:
        """Removes a job, done or cancelled. False if it does not exist."""
        ...

    # Status

    def counts(self) -> Counts:
        """How many partitions are at each station."""
        ...
