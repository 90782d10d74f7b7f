"""Periodic tasks that drain the queues of other systems, where there are any."""

from telemetry_tasks.app import app
from telemetry_tasks.bootstrap import input_bucket, object_store, sqs_queue
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.finished_tasks import drain_finished
from telemetry_tasks.pipeline.notifications import drain_notifications as drain
from telemetry_tasks.settings import settings
from telemetry_tasks.tasks.context import log, working
from telemetry_tasks.tasks.control import reprocess_changed, send_jobs


@app.task(name="drain_notifications")
def drain_notifications() -> None:
    """Registers the files of S3 notifications and dispatches them."""
    with working() as services:
        queue = sqs_queue(settings(), settings().notifications_queue_url)
        dead_letters = sqs_queue(settings(), settings().dead_letter_queue_url)
        if queue is None:
            return
        try:
            found = drain(services, queue, input_bucket(settings()), services.input.now, dead_letters)
        except InfrastructureError as error:
            log.warning("queue not drained", reason=str(error))
            return
        log.info("notified", files=found.seen, partitions=len(found.partitions), changed=len(found.changed))
        send_jobs(services, renew=False)
        reprocess_changed(services, found.changed)


@app.task(name="drain_finished_tasks")
def drain_finished_tasks() -> None:
    """Takes in results that other programs computed."""
    with working() as services:
        queue = sqs_queue(settings(), settings().finished_tasks_queue_url)
        dead_letters = sqs_queue(settings(), settings().dead_letter_queue_url)
        if queue is None:
            return
        analysis = object_store(settings().analysis_url, settings())
        try:
            done = drain_finished(services, queue, analysis, services.input.now, dead_letters)
        except InfrastructureError as error:
            log.warning("queue not drained", reason=str(error))
            return
        log.info("finished tasks taken in", tasks=done.messages, poison=done.poison)
