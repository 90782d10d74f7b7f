"""Jobs of reprocessing, watched from a terminal while workers do them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from telemetry_tasks.cli.console import remark
from telemetry_tasks.cli.progress_bar import progress
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.reprocess.switch import Switched, reprocess_here
from telemetry_tasks.pipeline.services import Services

PAUSE = 0.5
STILL = 60.0
"""Seconds without progress after which somebody is told."""

IN_PART, NONE = "switched in part: some could not be computed", "nothing of it could be computed"


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended: switched, cancelled, or why it was refused."""

    plan: JobPlan
    outcome: str


def is_registered(services: Services, plan: JobPlan) -> bool:
    """Whether the job is under way already: the same selection, over the same files."""
    return plan.id in channel_state(services, plan.channel_version).jobs()


def is_begun(services: Services, plan: JobPlan) -> bool:
    """Whether some of a job is done."""
    return _left(services, plan) < len(plan.partitions)


def done_here(services: Services, plans: Sequence[JobPlan]) -> list[Done]:
    """Does the jobs in this process; what an earlier run computed is not computed again."""
    out = []
    for plan in plans:  # before any of them is worked on: one that is refused ends the command
        start_job(services, plan)
    with progress("Reprocessing", sum(len(plan.partitions) for plan in plans), unit="partitions") as advance:
        for plan in plans:
            done = reprocess_here(services, plan, advance)
            out.append(Done(plan, _told(done)))
    if any(each.outcome in ("switched", IN_PART) for each in out):
        checkpoint(services)  # or a lost Redis would bring back what was taken out
    return out


def _told(done: Switched) -> str:
    if done.outcome == "kept":
        return NONE
    return IN_PART if done.outcome == "switched" and done.kept else done.outcome


def watched(services: Services, plans: Sequence[JobPlan]) -> list[Done]:
    """Waits until the workers have done the jobs. Stopping to wait does not stop them."""
    total = sum(len(plan.partitions) for plan in plans)
    seen, since = 0, time.monotonic()
    with progress("Reprocessing", total, unit="partitions") as advance:
        while left := [plan for plan in plans if is_registered(services, plan)]:
            done = total - sum(_left(services, plan) for plan in left)
            if done > seen:
                advance(done - seen)
                seen, since = done, time.monotonic()
            if time.monotonic() - since > STILL:
                remark(f"no progress for {STILL:.0f} s: do workers run on the queues aggregate and merge?")
                since = time.monotonic()
            time.sleep(PAUSE)
    return [Done(plan, _outcome(services, plan)) for plan in plans]


def _left(services: Services, plan: JobPlan) -> int:
    state = channel_state(services, plan.channel_version)
    return len(plan.partitions) - len(state.done(plan.id))


def _outcome(services: Services, plan: JobPlan) -> str:
    """By the ledger: which of the new partitions count, and which of the old ones."""
    ledger = channel_state(services, plan.channel_version).merged().keys()
    if plan.partitions.keys() <= ledger and not {each.old for each in plan.replacements} & ledger:
        return "switched"
    return IN_PART if plan.partitions.keys() & ledger else f"cancelled, or {NONE}"


def refuse_unswitched(done: Sequence[Done]) -> None:
    """Raises ``OperatorError`` if a job did not end in a switch."""
    failed = [each for each in done if each.outcome != "switched"]
    if failed:
        first = failed[0]
        raise OperatorError(
            f"{len(failed)} of {len(done)} jobs did not end well; {first.plan.channel_version}, job {first.plan.id}: "
            f"{first.outcome}. What counted before counts on; run the command again"
        )
