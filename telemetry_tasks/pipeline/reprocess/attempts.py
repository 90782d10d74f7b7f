"""Attempts at the partitions of a job: each computes and stores one new result."""

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry_tasks.core.partition import Partition
from telemetry_tasks.errors import DamagedObject, InfrastructureError, OperatorError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.pipeline.aggregate.give_up import retry_delay
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, with_these_settings
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.reprocess.jobs import load_job
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

NO_RESULT = "no-result"
"""Stands for a digest: all attempts failed, the old result stays."""


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
        digest = NO_RESULT
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
