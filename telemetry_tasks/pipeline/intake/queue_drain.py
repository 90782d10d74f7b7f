"""Draining a queue: messages are ended when what they say is kept, and only then."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from telemetry_tasks.errors import DataError
from telemetry_tasks.storage.queues import Message, MessageQueue

log = structlog.get_logger()


class CountedQueue:
    """A queue that counts what is done with it, for metrics: messages received and ended."""

    def __init__(self, queue: MessageQueue) -> None:
        self._queue = queue
        self.received = self.ended = self.sent = 0

    @property
    def url(self) -> str:
        """As the queue's."""
        return self._queue.url

    def receive(self, wait: float) -> list[Message]:
        """As the queue's."""
        messages = self._queue.receive(wait)
        self.received += len(messages)
        return messages

    def delete(self, messages: Sequence[Message]) -> None:
        """As the queue's."""
        self._queue.delete(messages)
        self.ended += len(messages)

    def send(self, bodies: Sequence[str]) -> None:
        """As the queue's."""
        self._queue.send(bodies)
        self.sent += len(bodies)


POISON = 5
"""A message that failed this often goes to the dead-letter queue, if there is one."""


@dataclass(slots=True)
class Drained:
    """What came of a drain: messages dealt with, and those set aside."""

    messages: int = 0
    poison: int = 0


def received(
    queue: MessageQueue, seconds: float, enough: int, clock: Callable[[], datetime], wait: float
) -> Iterator[list[Message]]:
    """Batches of messages until ``seconds`` passed, ``enough`` came, or the queue is empty."""
    ends = clock() + timedelta(seconds=seconds)
    count = 0
    while count < enough:
        left = (ends - clock()).total_seconds()
        messages = queue.receive(max(0.0, min(wait, left)))
        if not messages:
            return
        count += len(messages)
        yield messages
        if left <= 0:
            return


def set_aside(queue: MessageQueue, dead_letters: MessageQueue | None, message: Message, error: DataError) -> bool:
    """Deals with a message that cannot be read: it comes again a few times, then goes to the dead-letter queue.

    Without one it is left to the queue's own redrive policy.
    """
    log.warning("message not understood", queue=queue.url, reason=str(error), received=message.received)
    if dead_letters is None or message.received < POISON:
        return False
    dead_letters.send([message.body])
    queue.delete([message])
    return True
