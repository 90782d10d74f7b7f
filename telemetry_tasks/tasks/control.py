"""Periodic tasks that look what there is to do and send it out. Beat starts them; they end within seconds."""

import time
from collections.abc import Sequence

from celery import chord, group

from telemetry_tasks.app import app
from telemetry_tasks.core.partition import Partition
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.pipeline.epoch import EmptyState
from telemetry_tasks.pipeline.intake import dispatch
from telemetry_tasks.pipeline.intake.discover import discover_in_time
from telemetry_tasks.pipeline.publish.under_way import CHECKPOINT, steps_to_start
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.changed_files import plan_changed
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state import merge
from telemetry_tasks.pipeline.state.owed_checkpoint import must_request_checkpoint
from telemetry_tasks.pipeline.state.state_size import to_compact
from telemetry_tasks.settings import settings
from telemetry_tasks.tasks.context import give_back, log, working
from telemetry_tasks.tasks.failures import remember
from telemetry_tasks.tasks.reprocessing import send_job, send_overdue_jobs
from telemetry_tasks.tasks.tracing import note_span


@app.task(name="discover")
def discover() -> None:
    """Restores an empty state, finds new ping files and changed ones, dispatches within the window."""
    began = time.time()
    with working() as services:
        ensure_state(services)
        try:
            found = discover_in_time(services, services.input.now(), services.options.discover_seconds)
        except InfrastructureError as error:  # the store is unreachable or the state was lost: the next one continues
            give_back("not discovered", error)
            return
        note_discovery(found.partitions, began)
        if found.partitions or found.changed:
            log.info("discovered", files=found.new, partitions=len(found.partitions), changed=len(found.changed))
        send_jobs(services)
        reprocess_changed(services, found.changed, all=found.whole)
        if found.reached:  # a very large bucket
            log.info("the next discovery goes on", files=found.seen, reached=found.reached)


@app.task(name="sweep")
def sweep() -> None:
    """Sends again the running partitions whose lease is over, and what stopped half way."""
    with working() as services:
        ensure_state(services)
        send_jobs(services, lost=True)
        send_merges(services)
        send_overdue_jobs(services, backed_up=waiting_in("aggregate") >= services.options.window)
        owed = {CHECKPOINT} if must_request_checkpoint(services) else set()
        for step in sorted({*steps_to_start(services), *owed}):
            app.send_task(step, expires=max(1.0, settings().sweep_interval))


@app.task(name="merge_round")
def merge_round() -> None:
    """Starts a chord for each batch of aggregated partitions."""
    with working() as services:
        try:
            send_merges(services)
        except EmptyState as error:
            log.info("nothing merged", reason=str(error))


def merge_the_last(services: Services, channel_version: str) -> None:
    """Sends a merge round at once if this was the last partition that was waiting or running."""
    if merge.nothing_else_comes(services, channel_version):
        app.send_task("merge_round", expires=max(1.0, settings().merge_interval))


def note_discovery(partitions: Sequence[Partition], began: float) -> None:
    """The first span of each partition."""
    for partition in partitions:
        note_span("discover", [partition.id], began, channel_version=partition.channel_version)


def waiting_in(queue: str) -> int:
    """How many messages wait in a queue."""
    with app.connection_for_read() as connection:
        return int(connection.default_channel.queue_declare(queue).message_count)


def send_jobs(services: Services, *, lost: bool = False) -> None:
    """Dispatches partitions to the workers, with ``lost`` also those again whose message got lost.

    Does nothing if another dispatch is running: partitions it has claimed and not sent yet would look lost.
    """
    with dispatch.dispatch_lock(services) as mine:
        if mine:
            overdue = dispatch.without_message(services, waiting_in("aggregate")) if lost else 0
            _send(services, dispatch.claim_with_lock(services, overdue=overdue))


def send_next_job(services: Services) -> None:
    """Dispatches one more, in the place of one that is done."""
    _send(services, dispatch.claim_partitions(services, most=1))


def _send(services: Services, jobs: Sequence[dispatch.ClaimedPartition]) -> None:
    sent = 0
    try:
        for job in jobs:
            app.send_task("aggregate_partition", (job.channel_version, job.partition))
            sent += 1
    finally:  # without the broker they would fill the window for a whole lease, each without a message
        dispatch.unclaim(services, jobs[sent:])


def reprocess_changed(services: Services, keys: Sequence[str], *, all: bool = False) -> None:
    """Starts reprocessing of partitions whose files were replaced in the bucket after they were registered.

    ``all`` as in ``plan_changed``.
    """
    changed = plan_changed(services, keys, all=all)
    if changed.waiting:
        log.info("changed files wait", partitions=changed.waiting)
    for name, why in changed.failed.items():
        log.error("changed files not planned", channel_version=name, reason=why)
        remember("discover", why, {"channel_version": name})
    for plan in changed.plans:
        try:
            new = start_job(services, plan)
        except OperatorError as error:  # somebody was quicker
            log.info("changed files wait", reason=str(error))
            continue
        if new:
            send_job(services, plan.channel_version, plan.id)


def send_merges(services: Services) -> None:
    """One chord a batch: download and merge the slices side by side, then reduce into the state."""
    send_compactions(services)
    jobs, sent = merge.plan_merges(services, overdue=merge.without_message(services, waiting_in("merge"))), 0
    try:
        for job in jobs:
            _send_merge(job)
            sent += 1
    finally:  # without the broker they would be stuck for a lease
        for job in jobs[sent:]:
            merge.give_back(services, job.channel_version, job.batch)


def send_compactions(services: Services) -> None:
    """What is full for its deltas gets room: publishing, which compacts too, may be an hour away."""
    for name in to_compact(services):
        app.send_task("compact", (name,))


def _send_merge(job: merge.SlicedBatch) -> None:
    header = group(
        app.signature(
            "download_and_merge",
            (job.channel_version, list(slice_)),
            {"batch": job.batch},
            immutable=True,
            argsrepr=f"({job.channel_version!r}, {len(slice_)} partitions)",  # Flower shows it
        )
        for slice_ in job.slices
    )
    partitions = sum(map(len, job.slices))
    body = app.signature(
        "reduce_into_state",
        kwargs={"channel_version": job.channel_version, "batch": job.batch},
        argsrepr=f"({len(job.slices)} slices of {partitions} partitions)",
    )
    chord(header)(body)
