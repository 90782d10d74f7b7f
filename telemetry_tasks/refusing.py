"""Messages that a worker refuses are counted: in a format that it does not read, of no task of ours, or of no task.

Celery throws them away and logs them; nothing of ours sends any, so each means a foreign sender, another version of
this program, or a broker that is shared by mistake.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog
from celery.worker.consumer import Consumer
from kombu.exceptions import ContentDisallowed
from kombu.transport import redis, virtual

from telemetry_tasks.bootstrap import redis_state
from telemetry_tasks.core.metrics import FORMAT, MALFORMED, REFUSED, UNKNOWN_TASK, counted
from telemetry_tasks.settings import settings

NO_TASK = (TypeError, ValueError, LookupError, AttributeError)
"""What code raises that takes a body or headers apart that are none of a task."""


class NoMessage(ValueError):
    """An element of a queue that is JSON, and no message."""


NO_MESSAGE = (json.JSONDecodeError, UnicodeDecodeError, NoMessage)
"""What is raised over an element of a queue that is no message at all."""

log = structlog.get_logger()


class CheckedMessage(virtual.Message):
    """What kombu makes of an element; raises ``NoMessage`` for all that it would fail over sooner or later."""

    def __init__(self, payload: Any, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(payload, *arguments, **options)
            redis_needs = self.delivery_info["exchange"], self.delivery_info["routing_key"], self.delivery_tag
        except NO_TASK as error:
            raise NoMessage(repr(error)) from error
        if not all(isinstance(text, str) for text in redis_needs):
            raise NoMessage("its address or its tag is no text")


redis.Channel.Message = CheckedMessage  # a transport of another name would be none that Celery and Flower know


class Refusals:
    """Counts that are on their way to the sums in Redis.

    A worker forks its children, which must not inherit a connection to the state, and its loop must not wait for one:
    a thread opens a connection for what there is to add, and ends with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Counter[str] = Counter()
        self._sender: threading.Thread | None = None

    def note(self, reason: str) -> None:
        """One more message was refused. Returns at once."""
        with self._lock:
            self._waiting[reason] += 1
            if self._sender is None:
                self._sender = threading.Thread(target=self._send, name="refusals", daemon=True)
                self._sender.start()

    def _send(self) -> None:
        while True:
            with self._lock:
                taken, self._waiting = self._waiting, Counter()
                if not taken:
                    self._sender = None
                    return
            sums: dict[str, float] = {}
            for reason, number in taken.items():
                sums |= counted(REFUSED, number, reason)
            redis_state(settings()).sums.add(sums)


refusals = Refusals()


class CountingConsumer(Consumer):
    """Celery's consumer, which tells of what it refuses, and outlives it."""

    connection_errors: tuple[type[BaseException], ...]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # taken from the queue and gone by then: the connection is made anew, as Celery does for a message of no parts
        self.connection_errors = (*self.connection_errors, *NO_MESSAGE)

    def on_connection_error_after_connected(self, exc: BaseException) -> None:
        super().on_connection_error_after_connected(exc)
        if isinstance(exc, NO_MESSAGE):
            log.error("refused what is no message", reason=repr(exc))
            refusals.note(MALFORMED)

    def create_task_handler(self, *arguments: Any, **options: Any) -> Callable[[Any], None]:
        """What Celery does with a message; one that it fails over would end this worker, and then the next one."""
        handle = super().create_task_handler(*arguments, **options)

        def on_task_received(message: Any) -> None:
            try:
                handle(message)
            except NO_TASK as error:
                if message.acknowledged:
                    raise
                self.on_invalid_task(None, message, error)

        return on_task_received

    def on_decode_error(self, message: Any, exc: BaseException) -> None:
        super().on_decode_error(message, exc)
        refusals.note(FORMAT)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        super().on_unknown_message(body, message)
        refusals.note(MALFORMED)

    def on_unknown_task(self, body: Any, message: Any, exc: BaseException) -> None:
        super().on_unknown_task(body, message, exc)
        refusals.note(UNKNOWN_TASK)

    def on_invalid_task(self, body: Any, message: Any, exc: BaseException) -> None:
        super().on_invalid_task(body, message, exc)
        refusals.note(FORMAT if isinstance(exc, ContentDisallowed) else MALFORMED)
