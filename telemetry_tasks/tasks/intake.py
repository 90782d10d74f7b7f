"""Periodic tasks that drain the queues of other systems, if any are configured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from telemetry_tasks.app import app
from telemetry_tasks.bootstrap import input_bucket, object_store, sqs_queue
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.metrics import QUEUE_DRAINED, counted
from telemetry_tasks.pipeline.intake import finished_tasks, notifications
from telemetry_tasks.pipeline.intake.queue_drain import CountedQueue
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import settings
from telemetry_tasks.tasks.context import give_back, log, working
from telemetry_tasks.tasks.control import note_discovery, reprocess_changed, send_jobs


@contextmanager
def _counted(services: Services, name: str, url: str | None) -> Iterator[CountedQueue | None]:
    """The queue, None if not configured; its messages are counted at the end, even after an error."""
    queue = sqs_queue(settings(), url)
    if queue is None:
        yield None
        return
    watched = CountedQueue(queue)
    try:
        yield watched
    finally:
        for action, amount in (("received", watched.received), ("ended", watched.ended), ("sent", watched.sent)):
            services.state.counters.add(counted(QUEUE_DRAINED, amount, name, action) if amount else {})


@app.task(name="drain_notifications")
def drain_notifications() -> None:
    """Registers the files of S3 notifications and dispatches them."""
    began = time.time()
    with (
        working() as services,
        _counted(services, "notifications", settings().notifications_queue_url) as queue,
        _counted(services, "dead-letters", settings().dead_letter_queue_url) as dead_letters,
    ):
        if queue is None:
            return
        try:
            bucket = input_bucket(settings())
            found = notifications.drain_notifications(services, queue, bucket, services.input.now, dead_letters)
        except InfrastructureError as error:
            give_back("queue not drained", error)
            return
        note_discovery(found.partitions, began)
        log.info("notified", files=found.seen, partitions=len(found.partitions), changed=len(found.changed))
        send_jobs(services)
        reprocess_changed(services, found.changed)


@app.task(name="drain_finished_tasks")
def drain_finished_tasks() -> None:
    """Takes in results that other programs computed."""
    with (
        working() as services,
        _counted(services, "finished-tasks", settings().finished_tasks_queue_url) as queue,
        _counted(services, "dead-letters", settings().dead_letter_queue_url) as dead_letters,
    ):
        if queue is None:
            return
        analysis = object_store(settings().analysis_url, settings())
        try:
            done = finished_tasks.drain_finished(services, queue, analysis, services.input.now, dead_letters)
        except InfrastructureError as error:
            give_back("queue not drained", error)
            return
        log.info("finished tasks taken in", tasks=done.messages, poison=done.poison)
