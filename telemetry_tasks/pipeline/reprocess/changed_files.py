"""Files that were replaced in the bucket after they were registered: which of them can be recomputed now.

Every discovery checks them until their new bytes count, so a few look-ups tell whether there is anything to do before
the ledger is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import job as job_format
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.other_settings import other_settings
from telemetry_tasks.pipeline.reprocess.not_replaced import (
    AGAIN,
    forget_not_replaced,
    not_replaced,
    still_not_replaced,
)
from telemetry_tasks.pipeline.reprocess.plan import entries_of, plan_of
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """Jobs to be started, and how many files wait: until they count, or a job that they are in is over.

    ``failed`` are the channel/versions whose state is damaged, each with the reason: their files wait, too.
    """

    plans: tuple[JobPlan, ...]
    waiting: int
    failed: Mapping[str, str] = field(default_factory=dict)


def plan_changed(services: Services, keys: Sequence[str], *, all: bool = False) -> ChangedFiles:
    """What there is to do about the registered ones of these files. Writes nothing but compacted state.

    What could not be replaced a short while ago waits. ``all`` says that no other file of the bucket has changed: then
    what could not be replaced and is not among them need not be any more.
    """
    plans: list[JobPlan] = []
    waiting, failed = 0, {}
    if all:
        _forget_unchanged(services, keys)
    for state in channel_states(services) if keys else ():
        owners = {partition for _, partition in state.registered(keys).values()}
        counting = set(state.merged(sorted(owners))) - not_replaced(services, state.name, younger=AGAIN)
        if counting and other_settings(services, state) is None and not counting & _under_way(state):
            try:
                entries = [entry for entry in entries_of(state) if entry.partition.id in counting]
            except DataError as error:
                failed[state.name] = str(error)
                entries, counting = [], set()
            plans += [plan_of(services, state.name, entries)] if entries else []
        else:
            counting = set()
        waiting += len(owners - counting)
    return ChangedFiles(tuple(plans), waiting, failed)


def _forget_unchanged(services: Services, keys: Sequence[str]) -> None:
    """Files that could not be counted again and are what they were have nothing to be counted again for."""
    names = {failure.where for failure in still_not_replaced(services)}
    for state in channel_states(services) if names else ():
        changed = {partition for _, partition in state.registered(keys).values()} if keys else set()
        forget_not_replaced(services, state.name, not_replaced(services, state.name) - changed)


def _under_way(state: ChannelState) -> set[str]:
    """The partitions that jobs are about to replace."""
    plans: Iterable[JobPlan] = (job_format.decode(body) for body in state.jobs().values())
    return {replacement.old for plan in plans for replacement in plan.replacements}
