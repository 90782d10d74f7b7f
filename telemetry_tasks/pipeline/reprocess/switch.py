"""The switch of a job: the new contribution in the place of the old one, in one commit."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.partition import LedgerEntry, Owner, Partition
from telemetry_tasks.core.views import marginal
from telemetry_tasks.errors import UNREADABLE, DataError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.other_settings import REASON, command_for, other_settings
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.reprocess.attempts import NO_RESULT, recompute
from telemetry_tasks.pipeline.reprocess.intact_results import intact_result
from telemetry_tasks.pipeline.reprocess.jobs import load_job, start_job, work_left
from telemetry_tasks.pipeline.reprocess.not_replaced import (
    KEPT_REASON,
    NOT_COMPUTED,
    RESULT_GONE,
    forget_not_replaced,
    not_replaced,
    note_not_replaced,
)
from telemetry_tasks.pipeline.results import Stored, entry_of
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import consistent, ledger_entries
from telemetry_tasks.pipeline.state.owed_checkpoint import owe_checkpoint
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base, BuiltWith, Whole

GONE = "a result is gone or damaged, and its ping files do not give it any more"


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
    kept = {r.old for r in plan.replacements if r.new is not None and digests[r.new.id] == NO_RESULT}
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
        owe_checkpoint(services)  # a worker that was lost may have switched before the result was gone
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
        owe_checkpoint(services)  # or a Redis that is lost now would bring back what the switch took out
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


def reprocess_here(services: Services, plan: JobPlan, advance: Callable[[int], object] = int) -> Switched:
    """A whole job in this process. ``advance`` is told how many partitions more are done."""
    start_job(services, plan)
    left = work_left(services, plan.channel_version, plan.id)
    advance(len(plan.partitions) - len(left))
    for partition in left:
        advance(int(recompute(services, plan.channel_version, plan.id, partition)))
    return switch_job(services, plan.channel_version, plan.id)
