"""A worker says while it lives that the messages it has taken are still its own.

Celery's broker gives an unacknowledged message to another worker ``visibility_timeout`` seconds after it was taken.
By itself that has to be longer than the longest task, so what a killed worker had taken would be missed for as long.
Renewed messages need a timeout of a minute only, however long their tasks take.
"""

import time
from typing import Any

import structlog
from celery import bootsteps
from redis.exceptions import ResponseError

from telemetry_tasks.settings import settings

A_TIMEOUT = 4
"""Renewals in the time of a timeout: some may be late."""

log = structlog.get_logger()


class Renewal(bootsteps.StartStopStep):
    """A step of the consumer: started with each connection to the broker, stopped when it is lost.

    It runs in the event loop that takes the messages, so a worker that hangs or is cut off renews nothing.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        """Renews from now on, several times in the time of a timeout."""
        seconds = settings().visibility_timeout / A_TIMEOUT
        self._timer = consumer.timer.call_repeatedly(seconds, renew, (consumer.task_consumer.channel,))

    def stop(self, consumer: Any) -> None:
        """Renews no more: what was taken by the connection that is lost is given out again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def renew(channel: Any) -> None:
    """Begins the timeout of each message that was taken by this channel and is not acknowledged again, from now.

    One that was redelivered to another worker stays with that worker.
    """
    taken = list(channel.qos._delivered)
    if not taken:
        return
    try:
        with channel.conn_or_acquire() as client:
            client.zadd(channel.unacked_index_key, dict.fromkeys(taken, time.time()), xx=True)
    except ResponseError as error:  # a broker that is full or read-only: the next renewal may come in time
        log.warning("messages not renewed", messages=len(taken), reason=str(error))
