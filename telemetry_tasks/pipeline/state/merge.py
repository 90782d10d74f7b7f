"""Merges aggregated partial results into the state: a batch, the sums of its slices, one commit."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import LedgerEntry, Owner, batch_id
from telemetry_tasks.core.views import marginal
from telemetry_tasks.errors import UNREADABLE, DataError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.other_settings import other_settings
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.results import MERGED_SLICES, Stored, entry_of, load_result, with_settings
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.state_size import is_full
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import Headers
from telemetry_tasks.storage.state_values import Batch, BuiltWith

SLICE_GONE = "a merged slice is gone from the results bucket: it is merged again in TELEMETRY_MERGE_LEASE seconds"
"""What ``reduce_batch`` did: nothing. It passes if it comes once."""


@dataclass(frozen=True, slots=True)
class SlicedBatch:
    """A batch to be merged by one chord, slice by slice."""

    channel_version: str
    batch: str
    slices: tuple[tuple[str, ...], ...]


ALL = 1_000_000
"""More batches than there ever are."""


def plan_merges(services: Services, *, overdue: int = ALL) -> list[SlicedBatch]:
    """Puts aggregated partitions into batches; up to ``overdue`` whose chords must have been lost are planned again.

    What waits for a channel/version that was added up with other settings waits until that is reprocessed. So does what
    waits for one that takes too much of Redis, until it takes less or the limit is raised.
    """
    jobs = []
    for state in channel_states(services):
        if not _is_waited_for(state) or other_settings(services, state) is not None or is_full(services, state):
            continue
        lost = _overdue_batches(services, state, overdue)
        overdue -= len(lost)
        batches = lost + _new_batches(services, state)
        failpoint("merge.after-batch")
        jobs += [_job(services, state, batch) for batch in batches]
    return jobs


def nothing_else_comes(services: Services, channel_version: str) -> bool:
    """Whether aggregated partitions wait and no other is waiting or running: a merge need not wait for its round."""
    counts = channel_state(services, channel_version).counts()
    return bool(counts.aggregated) and not (counts.waiting or counts.running)


def _is_waited_for(state: ChannelState) -> bool:
    counts = state.counts()
    return bool(counts.aggregated or counts.batches)


def without_message(services: Services, queued: int) -> int:
    """How many batches can have no message in the queue, in which ``queued`` wait.

    The others only wait there, however long it takes: copies of their messages would pile up.
    """
    return max(0, sum(state.counts().batches for state in channel_states(services)) - queued)


@contextmanager
def at_work(services: Services, channel_version: str, batch: str) -> Iterator[None]:
    """Keeps the batch from being given to another worker."""
    state, lease = channel_state(services, channel_version), services.options.merge_lease
    state.renew_batch(batch, lease)
    with renewing(lambda: state.renew_batch(batch, lease), lease):
        yield


def give_back(services: Services, channel_version: str, batch: str) -> None:
    """The batch could not be merged, or not be sent: the next merge round sends it again."""
    channel_state(services, channel_version).renew_batch(batch, 0.0)


def _overdue_batches(services: Services, state: ChannelState, limit: int) -> list[Batch]:
    """Splits batches that are larger than the current batch size: an operator reduces the size to fix a batch that
    needs too much memory, and it would otherwise be sent unchanged for ever.
    """
    overdue = state.overdue_batches(services.options.merge_lease, limit)
    large = [batch for batch in overdue if len(batch.partitions) > services.options.batch_partitions]
    for batch in large:
        state.dissolve(batch)
    return [batch for batch in overdue if batch not in large]


def _new_batches(services: Services, state: ChannelState) -> list[Batch]:
    free, size = sorted(state.unbatched()), services.options.batch_partitions
    batches = [Batch(batch_id(ids), tuple(ids)) for ids in (free[i : i + size] for i in range(0, len(free), size))]
    return [batch for batch in batches if state.form_batch(batch, services.options.merge_lease)]


def _job(services: Services, state: ChannelState, batch: Batch) -> SlicedBatch:
    size = services.options.slice_partitions
    slices = tuple(batch.partitions[i : i + size] for i in range(0, len(batch.partitions), size))
    return SlicedBatch(state.name, batch.id, slices)


def merge_slice(services: Services, channel_version: str, partitions: Sequence[str]) -> str:
    """Adds the stored results of some aggregated partitions; returns the key of the merged slice.

    A partition whose result is missing, damaged or made with other settings is aggregated again, and is not in the
    slice.
    """
    state = channel_state(services, channel_version)
    delta = delta_of_results(services, state, partitions)
    body = delta_format.encode(delta)
    digest = digest_of(body)
    key = f"{MERGED_SLICES}/{channel_version}/{digest[:32]}-{secrets.token_hex(4)}"
    failpoint("merge.before-slice")
    services.results.put(key, body, headers=Headers(metadata={"sha256": digest}))
    failpoint("merge.after-slice")
    return key


def delta_of_results(services: Services, state: ChannelState, partitions: Sequence[str]) -> Delta:
    """The delta that lets these partitions count, as far as they are aggregated and their results are intact."""
    aggregated = state.aggregated(partitions)  # not all: of a long backlog every slice would read the whole of it
    known = state.partitions(sorted(aggregated))
    wanted = sorted(known)

    def load(id: str) -> Stored | None:
        try:
            return with_settings(load_result(services.results, state.name, id, aggregated[id]), services.reading)
        except UNREADABLE as error:
            state.aggregate_again(id, str(error))
            return None

    results = list(counted(in_parallel(load, wanted, services.options.transfers), len(wanted), "results"))
    loaded = [(known[id], stored) for id, stored in zip(wanted, results, strict=True) if stored is not None]
    cells = marginal(add_cells([stored.result.cells.get(state.name, Cells()) for _, stored in loaded]))
    entries = tuple(entry_of(partition, stored) for partition, stored in loaded)
    limits = {each for _, stored in loaded for each in stored.result.limits}
    return Delta(cells, entries, reading=services.reading, limits=tuple(sorted(limits)))


def reduce_batch(services: Services, channel_version: str, batch: str, slices: Sequence[str]) -> str:
    """Adds the merged slices of a batch and commits the sum. Returns ``merged``, or why there was nothing to do."""
    state = channel_state(services, channel_version)
    found = state.batch(batch)
    if found is None:
        return "merged before"
    try:
        bodies = [services.results.get(key).body for key in counted(slices, len(slices), "merged slices")]
        deltas = [delta_format.decode(_sound(key, body)) for key, body in zip(slices, bodies, strict=True)]
    except UNREADABLE:
        return SLICE_GONE
    if any(delta.reading != services.reading for delta in deltas):
        return "a slice was made with other settings: the batch is merged again when its lease is over"
    delta = Delta(
        add_cells([d.cells for d in deltas]),
        tuple(entry for d in deltas for entry in d.added),
        reading=services.reading,
        limits=tuple(sorted({each for d in deltas for each in d.limits})),
    )
    # a single slice is the packed delta itself
    outcome = commit_delta(services, state, delta, found, bodies[0] if len(bodies) == 1 else None)
    failpoint("reduce.after-dissolve")
    services.results.delete(slices)
    failpoint("reduce.after-slices")
    return outcome


def _absent(entries: Iterable[LedgerEntry]) -> dict[str, Owner | None]:
    """The owners of the files that were not there as they had been discovered: so the next discovery sees a change."""
    owners: dict[str, Owner | None] = {}
    for entry in entries:
        if absent := {report.key for report in entry.reports if not report.was_there}:
            owners.update({key: owner for key, owner in entry.owners().items() if key in absent})
    return owners


def _sound(key: str, body: bytes) -> bytes:
    """The same bytes, if they match the digest in the slice's key. Raises ``DataError`` ``bad-merged-slice``."""
    if not key.rpartition("/")[2].startswith(f"{digest_of(body)[:32]}-"):
        raise DataError("bad-merged-slice", f"{key} is not what was written")
    return body


def commit_delta(
    services: Services, state: ChannelState, delta: Delta, batch: Batch, packed: bytes | None = None
) -> str:
    """Commits a batch's delta; if some of it counts already, the rest is added up again.

    ``packed`` are the delta's bytes, if it was decoded from them.
    """
    while delta.added:
        add = {entry.partition.id: entry.digest for entry in delta.added}
        failpoint("reduce.before-commit")
        owners, built_with = _absent(delta.added), BuiltWith(delta.reading, frozenset(delta.limits))
        body = packed or delta_format.encode(delta)
        answer = state.commit(body, add, batch=batch.id, owners=owners, built_with=built_with)
        failpoint("reduce.after-commit")
        if answer.ok:
            break
        if answer.code in ("stale", "unstaged", "settings"):
            return answer.code
        left = [id for id in add if id not in answer.ids]
        delta, packed = delta_of_results(services, state, left), None
    state.dissolve(batch)
    return "merged" if delta.added else "nothing to merge"
