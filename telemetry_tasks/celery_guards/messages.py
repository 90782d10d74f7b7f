"""Counts the messages that a worker refuses: of an unreadable format, of an unknown task, or of no task.

The product sends none of these, so each means a foreign sender, another version of this program, or a broker that is
shared by mistake.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty
from typing import Any

import structlog
from celery.worker.consumer import Consumer
from kombu.exceptions import ContentDisallowed, DecodeError, OperationalError
from kombu.transport import redis, virtual
from kombu.utils.json import loads
from redis.exceptions import ConnectionError, RedisError

from telemetry_tasks.bootstrap import redis_state
from telemetry_tasks.errors import DataError, TelemetryError
from telemetry_tasks.formats.task_message import check_body, task_headers
from telemetry_tasks.metrics import FORMAT, MALFORMED, REFUSED, UNKNOWN_TASK, counted
from telemetry_tasks.settings import settings

OF_THE_BROKER = (RedisError, OSError, OperationalError, Empty)
"""What is raised over the connection and not over a message."""

BUILT_IN = "celery."
"""The prefix of Celery's own tasks. The product needs none of them: chords are counted in Redis."""

PAUSE = 5.0
"""Seconds until counts are sent again to a state that was away."""


class NoMessage(ValueError):
    """A malformed element of a queue."""


log = structlog.get_logger()


def checked_loads(text: str) -> Any:
    """The JSON of an element. Raises ``NoMessage`` for all that cannot be read, or not be sent back."""
    try:
        text.encode()
        return loads(text)
    except Exception as error:  # what stands in the text decides what kombu's hooks raise
        raise NoMessage(repr(error)[:200]) from error


class CheckedMessage(virtual.Message):
    """What kombu makes of an element; raises ``NoMessage`` for all that it would fail over sooner or later."""

    def __init__(self, payload: Any, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(payload, *arguments, **options)
            redis_needs = self.delivery_info["exchange"], self.delivery_info["routing_key"], self.delivery_tag
        except Exception as error:  # takes apart what may be anything
            raise NoMessage(repr(error)[:200]) from error
        if not all(isinstance(text, str) for text in redis_needs):
            raise NoMessage("its address or its tag is not text")

    def ack_log_error(self, logger: Any, errors: Any, multiple: bool = False) -> None:
        """Raises what kombu only logs: else the worker would wait for this message for ever, and take no other."""
        self.ack(multiple=multiple)

    def reject_log_error(self, logger: Any, errors: Any, requeue: bool = False) -> None:
        """As ``ack_log_error``."""
        self.reject(requeue=requeue)


class CheckedChannel(redis.Channel):
    """A channel that refuses a malformed element and continues with the next one.

    Without it, each would cause a reconnect that cuts off all running tasks.
    """

    Message = CheckedMessage

    def _brpop_read(self, **options: Any) -> Any:
        return _refusing(super()._brpop_read, **options)

    def _receive(self) -> Any:
        """Takes a control message. Raises ``Empty`` if there is none: kombu would wait for one, and nothing else work.

        The poller may name a socket that has nothing to read: a child that was forked a moment ago still holds the
        connection that had the same number before (a faulty control message makes Celery connect again).
        """
        connection = self.subclient.connection
        if connection is not None:
            try:
                readable = connection.can_read(timeout=0)
            except self.connection_errors:
                self._in_listen = None  # type: ignore[assignment]  # as kombu does
                raise
            if not readable:
                raise Empty
        return _refusing(super()._receive)

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        """Raises ``ConnectionError`` once the connection has been given up, as every use of a lost connection does.

        If a connection is lost, Celery 5.7 gives up its transport and then closes its channels. A channel that still
        holds messages wants to put them back and asks the transport for an address: kombu 5.7 then raises
        ``AttributeError``, which ends the worker. Redis gives such messages out again after the visibility timeout.
        """
        if self.connection.client is None:
            raise ConnectionError("the connection to the broker was given up")
        return super()._connparams(asynchronous)


def _refusing(read: Callable[..., Any], **options: Any) -> Any:
    try:
        return read(**options)
    except (NoMessage, UnicodeError) as error:  # text with half a character can be read, and not sent back
        log.error("refused a message", reason=MALFORMED, error=str(error))
        refusals.note(MALFORMED)
        return True


redis.loads = checked_loads  # type: ignore[assignment]
redis.Transport.Channel = CheckedChannel  # a transport of another name would be none that Celery and Flower know


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
            self._add(sums)

    def _add(self, sums: dict[str, float]) -> None:
        """Tries until the state has them, or the process ends."""
        while True:
            try:
                return redis_state(settings()).counters.add(sums)
            except TelemetryError as error:
                log.warning("what was refused is not counted yet", reason=str(error))
                time.sleep(PAUSE)


refusals = Refusals()


class CountingConsumer(Consumer):
    """Celery's consumer, which tells of what it refuses, and outlives it."""

    def update_strategies(self) -> None:
        """Celery's own tasks are unknown ones: they would run other tasks, or wait for what never comes."""
        super().update_strategies()
        for name in [name for name in self.strategies if name.startswith(BUILT_IN)]:
            del self.strategies[name]

    def create_task_handler(self, *arguments: Any, **options: Any) -> Callable[[Any], None]:
        """What Celery does with a message; one that it fails over would end this worker, and then the next one."""
        handle = super().create_task_handler(*arguments, **options)

        def on_task_received(message: Any) -> None:
            try:
                message.headers = task_headers(message.headers, datetime.now(UTC))
                if message.headers["task"] in self.strategies:
                    check_body(message.payload)
                handle(message)
            except OF_THE_BROKER:
                raise
            except DecodeError as error:
                self.on_decode_error(message, error)
            except Exception as error:  # a message may be anything, and so may what fails over it
                if message.acknowledged:
                    raise
                self.on_invalid_task(None, message, error)

        return on_task_received

    def on_decode_error(self, message: Any, exc: BaseException) -> None:
        self._refuse(message, FORMAT, exc)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        self._refuse(message, MALFORMED, DataError(MALFORMED, "it is of no task"))

    def on_unknown_task(self, body: Any, message: Any, exc: BaseException) -> None:
        self._refuse(message, UNKNOWN_TASK, exc)

    def on_invalid_task(self, body: Any, message: Any, exc: BaseException) -> None:
        self._refuse(message, FORMAT if isinstance(exc, ContentDisallowed) else MALFORMED, exc)

    def _refuse(self, message: Any, slug: str, error: BaseException) -> None:
        """One line, and never what the message holds: Celery's own report of it fails over an odd one."""
        log.error("refused a message", reason=slug, error=repr(error)[:200])
        message.ack_log_error(log, OF_THE_BROKER)
        refusals.note(slug)
