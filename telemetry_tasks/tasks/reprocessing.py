"""The reprocessing chord, one a channel/version: ``group(reprocess_partition …) | switch_reprocessed``."""

import structlog
from celery import chord, current_task, group

from telemetry_tasks.app import app
from telemetry_tasks.errors import DataError, InfrastructureError, OperatorError
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.jobs import overdue_jobs, work_due, work_left
from telemetry_tasks.pipeline.reprocess.switch import switch_job
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.owed_checkpoint import must_request_checkpoint
from telemetry_tasks.tasks.context import NEXT_ATTEMPT, failed, give_back, log, working


def send_job(services: Services, channel_version: str, job: str) -> int:
    """Sends what is left of a job and can be done now, as a chord; how many partitions."""
    left = work_left(services, channel_version, job)
    due = work_due(services, channel_version, job, left)
    body = app.signature("switch_reprocessed", (channel_version, job), immutable=True)
    if due:
        chord(group(app.signature("reprocess_partition", (channel_version, job, id), immutable=True) for id in due))(
            body
        )
    elif not left:
        body.apply_async()
    return len(due)


def send_overdue_jobs(services: Services, *, backed_up: bool) -> None:
    """Sends jobs that stopped half way again.

    If their queue is ``backed_up``, they may only be waiting in it, and copies would pile up.
    """
    for channel_version, job in overdue_jobs(services):
        try:
            if backed_up and work_left(services, channel_version, job):
                continue
            if sent := send_job(services, channel_version, job):
                log.warning("reprocessing goes on", channel_version=channel_version, job=job, partitions=sent)
        except DataError as error:  # its plan is damaged: the other jobs go on
            with structlog.contextvars.bound_contextvars(channel_version=channel_version, job=job):
                give_back("job not sent", error)


@app.task(name="reprocess_partition", ignore_result=False, max_retries=3, default_retry_delay=NEXT_ATTEMPT)
def reprocess_partition(channel_version: str, job: str, partition: str) -> bool:
    """Recomputes one partition; never raises for infrastructure, which would lose the chord."""
    with working(channel_version=channel_version, job=job, partition=partition) as services:
        try:
            message = current_task.request.id or ""  # None if it is called as a function
            return recompute(services, channel_version, job, partition, message)
        except Exception as error:  # noqa: BLE001 - a header that raised would lose the whole chord
            failed("not recomputed", error)
            return False


@app.task(name="switch_reprocessed", max_retries=3)
def switch_reprocessed(channel_version: str, job: str) -> None:
    """Switches to the new contribution, or leaves the rest to the sweep."""
    with working(channel_version=channel_version, job=job) as services:
        try:
            done = switch_job(services, channel_version, job)
        except (InfrastructureError, OperatorError, DataError) as error:
            give_back("not switched", error)
            return
        log.info("reprocessed", outcome=done.outcome, partitions=done.partitions, kept=done.kept)
        if must_request_checkpoint(services):
            app.send_task("checkpoint")
