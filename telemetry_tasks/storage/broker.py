"""What waits in the broker: Celery's queues as kombu keeps them in Redis, and what was taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.errors import InfrastructureError
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


def check_room(client: Any, url: str) -> None:
    """Raises ``InfrastructureError`` where the broker is full: it can still be read, and takes no message."""
    with translated(url):
        memory = client.info("memory")
    used, most = int(memory["used_memory"]), int(memory.get("maxmemory", 0))
    if most and used >= most:
        raise InfrastructureError(f"Redis at {url} is full ({used} of {most} bytes): raise maxmemory")
