"""The contract of the state of one channel/version: files and partitions, what counts, the sums, jobs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from telemetry_tasks.core.partition import LedgerEntry, Partition
from telemetry_tasks.storage.state_values import NOTHING_COUNTS, Base, Batch, BuiltWith, Commit, Counts, Whole


class ChannelState(Protocol):
    """As seen by a process that acts in ``epoch``. That fences every write of what counts: in another epoch it fails.

    Clocks are the state's own, times are seconds. What is said to happen in one step does, and a request whose answer
    is lost may be sent again. Raises ``InfrastructureError`` where the state is away.
    """

    name: str
    epoch: str

    # The epoch

    def begin(self) -> None:
        """Makes sure that the channel/version is of this epoch; what is left of an earlier one is dropped.

        A later epoch is left alone: who is late finds that every write is refused.
        """
        ...

    def is_of_this_epoch(self) -> bool:
        """Whether the channel/version has begun this epoch, and no later one."""
        ...

    # Registration and dispatch

    def registered(self, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Of these file keys, the registered ones with (ETag, partition id). In another epoch than this none is."""
        ...

    def register(self, partition: Partition) -> list[str] | None:
        """Registers a partition. The file keys that stood in the way, none when it was done; None in a stale epoch."""
        ...

    def note_uploaded(self, key: str, uploaded: float) -> None:
        """Remembers when a partition's oldest file was uploaded, until it is published: for metrics alone."""
        ...

    def unpublished(self) -> dict[str, float]:
        """When they were uploaded, by file key: of every partition that is not published yet its oldest file."""
        ...

    def oldest_unpublished(self) -> float | None:
        """When the oldest of them was uploaded."""
        ...

    def oldest_waiting(self) -> float | None:
        """Since when the first of those that wait does, or until when it may not be claimed yet, seconds since 1970."""
        ...

    def oldest_lease(self) -> float | None:
        """When the first lease of those that are dispatched ends or ended, seconds since 1970."""
        ...

    def note_published(self, keys: Sequence[str]) -> list[str]:
        """Forgets file keys that are published now; those that nobody else forgot first."""
        ...

    def partitions(self, ids: Sequence[str]) -> dict[str, Partition]:
        """The registered ones of these partitions."""
        ...

    def dispatched(self) -> int:
        """Partitions dispatched and not finished."""
        ...

    def claim(self, limit: int, lease: float, *, overdue: int = 0) -> list[str]:
        """Claims up to ``limit`` waiting partitions for ``lease`` seconds, and up to ``overdue`` overdue ones."""
        ...

    def start(self, partition: str, lease: float) -> int:
        """Begins an attempt and renews the lease. Its number, from 1; 0 where there is nothing to do."""
        ...

    def renew(self, partition: str, lease: float) -> None:
        """Renews the lease of a dispatched partition; does nothing for any other."""
        ...

    def release(self, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Gives a dispatched partition back to those that wait, to be claimed after ``delay`` seconds at the earliest.

        ``counts`` says whether the attempt counts.
        """
        ...

    def note_error(self, partition: str, error: str) -> None:
        """Remembers why the last attempt failed."""
        ...

    def error(self, partition: str) -> str | None:
        """Why the last attempt failed, where that is known."""
        ...

    def errors(self) -> dict[str, tuple[float, str]]:
        """Of the partitions whose last attempt failed: since when attempts fail (seconds since 1970), and why."""
        ...

    def split(self, partition: str, parts: Sequence[Partition]) -> bool:
        """Puts ``parts`` in the place of a partition that could not be aggregated. False when it was too late."""
        ...

    def finish(self, partition: str, digest: str) -> bool:
        """Notes that the partition's result is stored. False where it counts already or is not known."""
        ...

    def unfinish(self, partition: str, error: str) -> bool:
        """Sends a finished partition back whose result is gone or damaged. False where it counts already."""
        ...

    # Batches, ledger and commits

    def finished(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        """Partitions whose result is stored and not counted, or those of ``ids``: digest of the result by id."""
        ...

    def unbatched(self) -> dict[str, str]:
        """Finished partitions that are in no batch."""
        ...

    def form_batch(self, batch: Batch, lease: float) -> bool:
        """Puts finished partitions into a batch. False where one of them is not free."""
        ...

    def batch(self, id: str) -> Batch | None:
        """The batch, or None where it is merged or dissolved."""
        ...

    def renew_batch(self, batch: str, lease: float) -> None:
        """Renews the lease of a batch that is not merged; one of 0 seconds is over at once."""
        ...

    def overdue_batches(self, lease: float, limit: int) -> list[Batch]:
        """Up to ``limit`` batches whose leases are over, the longest first; these are renewed for ``lease`` seconds."""
        ...

    def dissolve(self, batch: Batch) -> None:
        """Frees the partitions of a batch for another one."""
        ...

    def ledger(self) -> dict[str, str]:
        """The partitions that count: digest of the result by id."""
        ...

    def counting(self, ids: Sequence[str]) -> set[str]:
        """Those of these partitions that count."""
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
        """Lets the partitions ``add`` (digest by id) count by ``delta``, and those of ``remove`` no more, in one step.

        ``register`` makes partitions of ``add`` known that are not yet; ``owners`` gives files another
        ("etag partition-id"), or none. Nothing is written unless all of it is.

        ``built_with`` are the settings that ``add`` was read with: another ``reading`` than that of what counts is
        refused. ``instead_of`` replaces all that counts, whatever it was read with: it drops base and deltas in the
        same step, so ``delta`` is all that there is. It is refused unless ``remove`` is everything that counts.
        """
        ...

    def built_with(self) -> BuiltWith:
        """The settings that what counts was read with."""
        ...

    def nonce(self) -> str:
        """Changes with every commit; "none" before the first."""
        ...

    def forgotten(self) -> set[str]:
        """Files that an operator took out: a snapshot may lack them."""
        ...

    def load(
        self, entries: Iterable[LedgerEntry], forgotten: Sequence[str] = (), built_with: BuiltWith = NOTHING_COUNTS
    ) -> None:
        """Registers the partitions of a check-point as counted, files and all. For a fresh channel/version.

        Raises ``StaleEpoch`` where another restore came in between.
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
        """Version and digests of the base, of one moment. Raises ``StaleEpoch``: an empty base is not a lost one."""
        ...

    def blocks(self, names: Sequence[str]) -> dict[str, bytes]:
        """The blocks of the base of these names that exist; of one version where ``base`` says so before and after."""
        ...

    def block_bytes(self, names: Sequence[str]) -> dict[str, int]:
        """The sizes of these blocks of the base, as they are stored; 0 where there is none."""
        ...

    def delta_bytes(self) -> int:
        """The size of all deltas, as they are stored."""
        ...

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        digests: Mapping[str, str | None],
    ) -> str:
        """Replaces ``blocks`` (None drops one) and ``digests`` of ``base``, and drops the deltas that they contain.

        ``deltas`` gives the number of pieces by id. Returns ok, stale, moved or unstaged; only ok wrote anything.
        """
        ...

    # Reprocessing

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        """Keeps a job's plan, and leaves it alone for ``lease`` seconds. False where the job is there already."""
        ...

    def renew_job(self, job: str, lease: float) -> None:
        """Leaves a job under way alone for ``lease`` seconds, after which the sweep sends it again."""
        ...

    def jobs(self) -> dict[str, bytes]:
        """The plans of the jobs under way, by id."""
        ...

    def overdue_jobs(self) -> list[str]:
        """Jobs whose lease is over."""
        ...

    def begin_try(self, job: str, life: str, partition: str, lease: float, message: str = "") -> int:
        """Begins an attempt at a partition of the job, which is left alone for ``lease`` seconds.

        ``message`` names what the attempt is made for: when that comes again, its attempt is over, and is not waited
        for.

        Its number, from 1; 0 where there is nothing to do now: the life is over, the partition has its result,
        another attempt is under way, or the next one is not due yet.
        """
        ...

    def renew_try(self, job: str, life: str, partition: str, attempt: int, lease: float) -> None:
        """Leaves the partition alone for ``lease`` seconds from now, where ``attempt`` is the last one that began."""
        ...

    def release_try(self, job: str, life: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Ends an attempt that came to nothing; the next one is due after ``delay`` seconds.

        ``counts`` says whether the attempt counts.
        """
        ...

    def resting(self, job: str) -> set[str]:
        """The partitions of the job that are being worked on, or whose next attempt is not due yet."""
        ...

    def life_of(self, job: str) -> str:
        """The life that the job is in: one that is cancelled and started again is in another."""
        ...

    def note_done(self, job: str, life: str, partition: str, digest: str) -> bool:
        """Notes the result of a partition of the job. False where that life of the job is over."""
        ...

    def done(self, job: str) -> dict[str, str]:
        """Digests of the results that the job has so far, by partition."""
        ...

    def end_job(self, job: str) -> bool:
        """Forgets a job, done or cancelled. False where there is none."""
        ...

    # Status

    def counts(self) -> Counts:
        """How much is where."""
        ...
