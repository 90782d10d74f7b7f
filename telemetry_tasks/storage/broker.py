"""What waits in the broker: Celery's queues as kombu keeps them in Redis, and what was taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.storage.redis_errors import translated

QUEUES = ("control", "aggregate", "merge", "publish")


@dataclass(frozen=True, slots=True)
class QueueLengths:
    """Messages that wait, by queue, and those that workers took and did not acknowledge yet."""

    waiting: Mapping[str, int]
    taken: int


def queue_lengths(client: Any, url: str) -> QueueLengths:
    """The lengths of all queues. ``url`` is for messages. Raises ``InfrastructureError`` where the broker is away."""
    with translated(url):
        pipeline = client.pipeline(transaction=False)
        for queue in QUEUES:
            pipeline.llen(queue)
        pipeline.hlen("unacked")
        *lengths, taken = map(int, pipeline.execute())
    return QueueLengths(dict(zip(QUEUES, lengths, strict=True)), taken)
