"""Jobs of reprocessing: registered, found again, cancelled.

A job recomputes partitions of one channel/version from their files and replaces the old ones in one switch. Its plan is
in the state, so that the sweep continues it after a crash. Readers and intake see nothing of it before the switch.
"""

from collections.abc import Iterable

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import job as job_format
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState


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


def cancel_job(services: Services, job: str) -> bool:
    """Cancels a job; its results are discarded. False if there is no such job."""
    ended = [state.end_job(job) for state in channel_states(services)]
    return any(ended)
