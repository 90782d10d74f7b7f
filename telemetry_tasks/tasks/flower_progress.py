"""How far a task is, for Flower: ``task-progress`` events, which it shows as state PROGRESS with the amount as result.

They are for people who watch. Few are sent, none by a task of a moment, and none matters.
"""

import time
from collections.abc import Callable

import structlog
from celery import current_task
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from telemetry_tasks.app import app
from telemetry_tasks.pipeline.progress import BYTES, Report

EVENT = "task-progress"
EVERY = 2.0
"""Seconds from a task's start to its first event, and between two: a busy fleet of 16 processes sends 8 a second."""

log = structlog.get_logger("telemetry_tasks")


class TaskProgress:
    """Tells how far one task is, through ``send``, which raises when the broker is away: then no more is sent."""

    def __init__(self, send: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send, self._clock = send, clock
        self._due = clock() + EVERY

    def __call__(self, done: int, total: int, what: str) -> None:
        now = self._clock()
        if now < self._due:
            return
        try:
            self._send(amount(done, total, what))
        except (KombuError, OperationalError, RedisError, OSError) as error:
            log.debug("progress is not shown any more", reason=str(error))
            self._due = float("inf")
        else:
            self._due = self._clock() + EVERY


def amount(done: int, total: int, what: str) -> str:
    """``3 of 40 measures``, ``1.5 of 64.0 MiB``."""
    if what == BYTES:
        return f"{done / 2**20:.1f} of {total / 2**20:.1f} MiB"
    return f"{done} of {total} {what}"


def of_current_task() -> Report | None:
    """The reporter of the task that this thread runs; None if it runs no task."""
    request = current_task.request if current_task else None
    if request is None or request.id is None or request.called_directly:
        return None
    id, host = request.id, request.hostname

    def send(text: str) -> None:
        with app.events.default_dispatcher(hostname=host) as dispatcher:
            dispatcher.send(EVENT, uuid=id, result=text)

    return TaskProgress(send)
