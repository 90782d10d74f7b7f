"""The queues of other systems, if configured: whether requests reach the queue's endpoint."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from telemetry_tasks.bootstrap import sqs_queue
from telemetry_tasks.cli.checks.check import NOTE, OK, Check, guarded
from telemetry_tasks.settings import Settings


def check_queues(settings: Settings) -> Iterator[Check]:
    """Each queue that is set. Takes no message, since that would hide it from the workers for a while."""
    for subject, url in (
        ("Queue of notifications", settings.notifications_queue_url),
        ("Queue of finished tasks", settings.finished_tasks_queue_url),
        ("Queue of dead letters", settings.dead_letter_queue_url),
    ):
        if url is not None:
            yield from guarded(subject, partial(_look, subject, url, settings))


def _look(subject: str, url: str, settings: Settings) -> Iterator[Check]:
    queue = sqs_queue(settings, url)
    assert queue is not None
    here, there = urlsplit(queue.endpoint), urlsplit(url)
    if here.netloc == there.netloc:
        yield Check(subject, OK, f"{url}; requests go to {queue.endpoint}")
        return
    yield Check(
        subject,
        NOTE,
        f"{url}: requests go to {queue.endpoint}, which TELEMETRY_SQS_ENDPOINT_URL, a variable of AWS "
        "(AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL), the AWS profile or the region names",
        f"if the queue is not there, set TELEMETRY_SQS_ENDPOINT_URL={there.scheme}://{there.netloc}",
    )
