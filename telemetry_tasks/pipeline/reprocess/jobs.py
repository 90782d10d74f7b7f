"""Reprocessing: recomputes partitions from their files and replaces the old ones in one switch.

A job covers one channel/version. Its plan is in the state, so that the sweep continues it after a crash. Readers and
intake see nothing of it before the switch.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.partition import FileRef, LedgerEntry, Owner, Partition, partition_of
from telemetry_tasks.core.views import marginal
from telemetry_tasks.errors import UNREADABLE, DamagedObject, DataError, InfrastructureError, OperatorError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats import job as job_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.formats.job import JobPlan, Replacement
from telemetry_tasks.pipeline.aggregate.give_up import retry_delay
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, with_these_settings
from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.intake.discover import channel_version_of
from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.other_settings import REASON, command_for, ensure_same_settings, other_settings
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.reprocess.intact_results import intact_result
from telemetry_tasks.pipeline.reprocess.not_replaced import (
    KEPT_REASON,
    NOT_COMPUTED,
    RESULT_GONE,
    forget_not_replaced,
    not_replaced,
    note_not_replaced,
)
from telemetry_tasks.pipeline.reprocess.selection import Selection, selected
from telemetry_tasks.pipeline.results import Stored, entry_of, load_result, store_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import consistent, ledger_entries
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base, BuiltWith, Whole

KEPT = "kept"
"""Stands for a digest: there is no new result, the old one stays."""
GONE = "a result is gone or damaged, and its ping files do not give it any more"


def plan_jobs(services: Services, selection: Selection) -> list[JobPlan]:
    """What a reprocessing would do, channel/version by channel/version. Writes nothing but compacted state.

    Raises ``OtherSettings`` if it is a part of a channel/version that was added up with other settings.
    """
    jobs = []
    for state in channel_states(services):
        if not selection.takes_channel_version(state.name):
            continue
        all_entries = entries_of(state)
        entries = selected(all_entries, selection, services.file_key)
        entries = [entry for entry in entries if _is_concerned(services, state.name, entry, selection)]
        if entries and len(entries) < len(all_entries):
            ensure_same_settings(services, state)
        if entries:
            jobs.append(plan_of(services, state.name, entries))
    return jobs


def plan_of(services: Services, name: str, entries: Iterable[LedgerEntry]) -> JobPlan:
    """The job that recomputes these partitions of a channel/version."""
    replacements = [_replacement(services, entry) for entry in entries]
    text = "\n".join(f"{r.old} {r.new.id if r.new else '-'}" for r in sorted(replacements, key=lambda r: r.old))
    return JobPlan(hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()[:16], name, tuple(replacements))


def entries_of(state: ChannelState) -> list[LedgerEntry]:
    """The ledger of this moment."""
    found: list[LedgerEntry] = []

    def read(base: Base) -> None:
        found[:] = ledger_entries(state, base)

    consistent(state, read)
    return found


def _is_concerned(services: Services, name: str, entry: LedgerEntry, selection: Selection) -> bool:
    """Whether the result of a partition holds what the selection asks for."""
    if not selection.asks_result(entry, services.file_key):
        return True
    try:
        return selection.takes_result(load_result(services.results, name, entry.partition.id).result)
    except UNREADABLE:
        return True  # it has to be computed to know


def _replacement(services: Services, entry: LedgerEntry) -> Replacement:
    """The same files as they are in the bucket now; those that are gone are left out.

    So are those that a changed ping format puts into another channel/version: the next discovery finds them again.
    """
    old = entry.partition

    def now(file: FileRef) -> FileRef | None:
        info = services.input.head(file.key)
        return None if info is None else FileRef(info.key, info.etag, info.size)

    found = (file for file in in_parallel(now, old.files, services.options.transfers) if file is not None)
    files = [file for file in found if channel_version_of(services, file.key) == old.channel_version]
    new = partition_of(old.channel_version, files, old.generation + 1, services.fingerprint) if files else None
    return Replacement(old.id, entry.digest, new)


def start_job(services: Services, plan: JobPlan) -> bool:
    """Registers the job; False if it is running already.

    Raises ``OperatorError`` if another job has some of its partitions.
    """
    refuse_overlap(services, plan)
    state = channel_state(services, plan.channel_version)
    new = state.add_job(plan.id, job_format.encode(plan), services.options.merge_lease)
    failpoint("reprocess.after-start")
    return new


def refuse_overlap(services: Services, plan: JobPlan) -> None:
    """Raises ``OperatorError`` if another job has some of the plan's partitions."""
    mine = {replacement.old for replacement in plan.replacements}
    for id, body in channel_state(services, plan.channel_version).jobs().items():
        other = job_format.decode(body)
        if id != plan.id and mine & {replacement.old for replacement in other.replacements}:
            raise OperatorError(
                f"{plan.channel_version}: job {id} reprocesses some of these partitions already; wait for it, "
                f"or end it with: telemetry-tasks reprocess --cancel {id}"
            )


def load_job(state: ChannelState, job: str) -> JobPlan | None:
    """The plan of a running job; None if it is done or cancelled."""
    body = state.jobs().get(job)
    return None if body is None else job_format.decode(body)


def work_left(services: Services, channel_version: str, job: str) -> list[str]:
    """The partitions of the job that have no new result yet; the job is left alone for a lease."""
    state = channel_state(services, channel_version)
    plan = load_job(state, job)
    if plan is None:
        return []
    state.renew_job(job, services.options.merge_lease)
    return sorted(plan.partitions.keys() - state.done(job).keys())


def work_due(services: Services, channel_version: str, job: str, left: Iterable[str]) -> list[str]:
    """Those of the work that is ``left`` that nobody is at, and whose next attempt has not to wait."""
    backing_off = channel_state(services, channel_version).backing_off(job)
    return [id for id in left if id not in backing_off]


def overdue_jobs(services: Services) -> list[tuple[str, str]]:
    """(channel/version, job) of jobs that stopped half way."""
    return [(state.name, job) for state in channel_states(services) for job in state.overdue_jobs()]


def recompute(services: Services, channel_version: str, job: str, partition: str, message: str = "") -> bool:
    """Computes and stores the new result of one partition. Returns whether this call finished it.

    Does nothing if the job is done or cancelled, if another attempt is running, or if the next one is not due yet:
    attempts are spaced as those of intake (``work``). A partition whose attempts all failed, or killed their worker,
    keeps its old contribution and does not delay others.

    ``message`` is the id of the message. If it is delivered again, or the lease is no longer renewed, its worker was
    lost. A worker that was only paused does no harm: its result is the same.
    """
    state = channel_state(services, channel_version)
    run_id = state.run_id(job)
    plan = load_job(state, job)
    if plan is None or partition not in plan.partitions:
        return False
    new = plan.partitions[partition]
    if with_these_settings(services, new).id != new.id:
        raise OperatorError(
            f"{channel_version}: job {job} was started with other settings of pings (TELEMETRY_PING_FORMAT, "
            "TELEMETRY_DIMENSIONS, TELEMETRY_FALLBACK_REVISION, TELEMETRY_LIMIT_…) than this worker's: give all "
            f"processes the same, or end it with: telemetry-tasks reprocess --cancel {job}"
        )
    lease = services.options.merge_lease
    attempt = state.begin_attempt(job, run_id, partition, lease, message)
    if not attempt:
        return False
    if attempt > services.options.max_attempts:
        digest = KEPT
    else:
        with (
            _given_back(services, state, (job, run_id, partition), attempt),
            renewing(lambda: _renew(state, (job, run_id, partition), attempt, lease), lease),
        ):
            digest = _new_result(services, new)
    if not state.note_done(job, run_id, partition, digest):
        return False  # it was cancelled, and a job that was started since may use other rules
    failpoint("reprocess.after-note")
    state.renew_job(job, services.options.merge_lease)
    return True


def _renew(state: ChannelState, what: tuple[str, str, str], attempt: int, lease: float) -> None:
    """Of an attempt under way, and of its job, which else is sent again while all of its partitions are long ones."""
    state.renew_attempt(*what, attempt, lease)
    state.renew_job(what[0], lease)


def _new_result(services: Services, partition: Partition) -> str:
    result = aggregate_files(services, partition)
    failpoint("reprocess.before-store")
    digest = store_result(services.results, partition, result)
    failpoint("reprocess.after-store")
    return digest


@contextmanager
def _given_back(services: Services, state: ChannelState, what: tuple[str, str, str], attempt: int) -> Iterator[None]:
    """Returns the partition if its attempt fails. An infrastructure failure does not cost an attempt."""
    try:
        yield
    except BaseException as error:
        innocent = isinstance(error, InfrastructureError) and not isinstance(error, DamagedObject)
        counts = not innocent and isinstance(error, Exception)  # Ctrl-C is not an Exception
        state.release_attempt(*what, counts=counts, delay=retry_delay(services, attempt) if counts else 0.0)
        raise


@dataclass(frozen=True, slots=True)
class Switched:
    """How the switch of a job ended: switched, unfinished, kept, gone (done or cancelled), or why it was refused.

    ``kept`` partitions could not be computed again, or their old result is gone and cannot be subtracted: what they
    contributed before counts on. If the settings changed it cannot: their files are taken out, and the next discovery
    finds them as new ones.
    """

    outcome: str
    partitions: int = 0
    kept: int = 0


def switch_job(services: Services, channel_version: str, job: str) -> Switched:
    """Puts the new contribution in the place of the old one, atomically, once every new result is there."""
    state = channel_state(services, channel_version)
    plan = load_job(state, job)
    if plan is None:
        return Switched("gone")
    digests = state.done(job)
    if plan.partitions.keys() - digests.keys():
        return Switched("unfinished")
    moves = other_settings(services, state) is not None
    kept = {r.old for r in plan.replacements if r.new is not None and digests[r.new.id] == KEPT}
    plan = _taken_out(plan, kept) if moves else _without(plan, kept)
    if not moves:
        note_not_replaced(services, state.name, NOT_COMPUTED, dict.fromkeys(kept, KEPT_REASON))
    if not plan.replacements:
        state.end_job(job)
        return Switched("kept", kept=len(kept))
    entries, whole = _whole(state)
    removed = [entries[r.old] for r in plan.replacements if r.old in entries]
    instead_of = whole if len(removed) == len(entries) else None
    if moves and instead_of is None:
        state.end_job(job)  # partitions registered under the old settings since cannot count beside the new ones
        return Switched(f"{REASON}: {channel_version} has more than the job; run {command_for(channel_version)} again")
    # everything is replaced: nothing has to be subtracted, so the old results are not read
    old, gone = _old(services, removed) if instead_of is None else ([], {})
    note_not_replaced(services, state.name, RESULT_GONE, gone)
    plan, removed = _without(plan, gone.keys()), [entry for entry in removed if entry.partition.id not in gone]
    if not plan.replacements:
        state.end_job(job)
        return Switched(f"{GONE} ({next(iter(gone.values()))})", kept=len(kept) + len(gone))
    try:
        new = _loaded(services, [(partition, digests[id]) for id, partition in plan.partitions.items()])
    except UNREADABLE as error:
        state.end_job(job)  # nothing that workers could do would change it
        return Switched(f"{GONE} ({error})")
    delta = _exchange(plan, new, removed, old, signed=instead_of is None)
    failpoint("reprocess.before-switch")
    answer = state.commit(
        delta_format.encode(delta),
        {entry.partition.id: entry.digest for entry in delta.added},
        register=plan.partitions,
        remove={r.old: r.digest for r in plan.replacements},
        owners=_owners(removed, delta.added),
        built_with=BuiltWith(delta.reading, frozenset(delta.limits)),
        instead_of=instead_of,
    )
    failpoint("reprocess.after-switch")
    if answer.ok or answer.code in ("already merged", "replaced"):
        state.end_job(job)
        failpoint("reprocess.after-end")
    if not answer.ok:
        return Switched(answer.code)
    forget_not_replaced(services, state.name, {r.old for r in plan.replacements} & not_replaced(services, state.name))
    return Switched("switched", len(removed), len(kept) + len(gone))


def _whole(state: ChannelState) -> tuple[dict[str, LedgerEntry], Whole]:
    """The entries that count, by partition, and all that they are kept in, of one moment."""
    entries: dict[str, LedgerEntry] = {}

    def read(base: Base) -> None:
        entries.clear()
        entries.update({entry.partition.id: entry for entry in ledger_entries(state, base)})

    base = consistent(state, read)
    return entries, Whole(base, state.delta_pieces())


def _exchange(
    plan: JobPlan, new: Sequence[Stored], removed: Sequence[LedgerEntry], old: Sequence[Stored], *, signed: bool
) -> Delta:
    """The delta that puts the new results in the place of the removed ones, whose results are ``old``.

    Without ``signed`` everything that counts is removed, and nothing has to be subtracted.
    """
    name = plan.channel_version
    readings = {stored.result.reading for stored in new}
    if len(readings) > 1:
        raise DataError(REASON, "workers with different settings computed the new results")
    added = [entry_of(partition, stored) for partition, stored in zip(plan.partitions.values(), new, strict=True)]
    return Delta(
        add_cells([*_cells(new, name), *_cells(old, name)], [1] * len(new) + [-1] * len(old)),
        tuple(added),
        tuple(removed) if signed else (),
        reading=min(readings, default=""),
        limits=tuple(sorted({each for stored in new for each in stored.result.limits})),
    )


def _taken_out(plan: JobPlan, partitions: Collection[str]) -> JobPlan:
    """The plan with these old partitions taken out."""
    all = (replace(r, new=None) if r.old in partitions else r for r in plan.replacements)
    return JobPlan(plan.id, plan.channel_version, tuple(all))


def _without(plan: JobPlan, partitions: Collection[str]) -> JobPlan:
    """The plan without these old partitions, which count as before."""
    return JobPlan(plan.id, plan.channel_version, tuple(r for r in plan.replacements if r.old not in partitions))


def _old(services: Services, removed: Sequence[LedgerEntry]) -> tuple[list[Stored], dict[str, str]]:
    """The results to be subtracted, and the partitions whose result cannot be had any more, each with the reason."""

    def load(entry: LedgerEntry) -> Stored | str:
        try:
            return intact_result(services, entry.partition, entry.digest)
        except UNREADABLE as error:
            return str(error)

    found = list(counted(in_parallel(load, removed, services.options.transfers), len(removed), "old results"))
    gone = {entry.partition.id: each for entry, each in zip(removed, found, strict=True) if isinstance(each, str)}
    return [each for each in found if isinstance(each, Stored)], gone


def _loaded(services: Services, wanted: Sequence[tuple[Partition, str]]) -> list[Stored]:
    loaded = in_parallel(lambda item: intact_result(services, *item), wanted, services.options.transfers)
    return list(counted(loaded, len(wanted), "results"))


def _cells(stored: Iterable[Stored], name: str) -> list:  # type: ignore[type-arg]
    return [marginal(s.result.cells[name]) if name in s.result.cells else add_cells([]) for s in stored]


def _owners(removed: Iterable[LedgerEntry], added: Iterable[LedgerEntry]) -> dict[str, Owner | None]:
    owners: dict[str, Owner | None] = {file.key: None for entry in removed for file in entry.partition.files}
    for entry in added:
        owners.update(entry.owners())
    return owners


def cancel_job(services: Services, job: str) -> bool:
    """Cancels a job; its results are discarded. False if there is no such job."""
    ended = [state.end_job(job) for state in channel_states(services)]
    return any(ended)


def reprocess_here(services: Services, plan: JobPlan, advance: Callable[[int], object] = int) -> Switched:
    """A whole job in this process. ``advance`` is told how many partitions more are done."""
    start_job(services, plan)
    left = work_left(services, plan.channel_version, plan.id)
    advance(len(plan.partitions) - len(left))
    for partition in left:
        advance(int(recompute(services, plan.channel_version, plan.id, partition)))
    return switch_job(services, plan.channel_version, plan.id)
