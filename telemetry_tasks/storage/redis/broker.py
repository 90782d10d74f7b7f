"""Lengths of the broker's queues: Celery's queues as kombu keeps them in Redis, and unacknowledged messages.

Every key and channel of Celery's begins with the deployment's prefix (``key_prefix``; kombu's ``global_keyprefix``),
so that several deployments can share one Redis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.storage.redis.errors import translated

QUEUES = ("control", "aggregate", "merge", "publish")


@dataclass(frozen=True, slots=True)
class QueueLengths:
    """Waiting messages by queue, and messages that workers received and have not acknowledged."""

    waiting: Mapping[str, int]
    taken: int


def queue_lengths(client: Any, url: str, prefix: str) -> QueueLengths:
    """The lengths of all queues of the deployment with this ``key_prefix``. ``url`` is for messages.

    Raises ``InfrastructureError`` if the broker is unavailable.
    """
    with translated(url):
        pipeline = client.pipeline(transaction=False)
        for queue in QUEUES:
            pipeline.llen(f"{prefix}{queue}")
        pipeline.hlen(f"{prefix}unacked")
        *lengths, taken = map(int, pipeline.execute())
    return QueueLengths(dict(zip(QUEUES, lengths, strict=True)), taken)


def check_room(client: Any, url: str) -> None:
    """Raises ``InfrastructureError`` if the broker is full: it can still be read, but accepts no messages."""
    with translated(url):
        memory = client.info("memory")
    used, most = int(memory["used_memory"]), int(memory.get("maxmemory", 0))
    if most and used >= most:
        raise InfrastructureError(f"Redis at {url} is full ({used} of {most} bytes): raise maxmemory")
