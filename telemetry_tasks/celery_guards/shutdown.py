"""A cold stop that waits until no message to a child is half written.

On SIGQUIT Celery (5.7, ``celery.apps.worker.on_cold_shutdown``) stops its pool inside the signal handler. If the signal
arrives between the head and the body of a job being written to a child's pipe, the stop message for the child becomes
part of that body. The child then waits for the rest for ever, and the worker never ends. So the signal is sent again a
moment later, when the interrupted write is complete.
"""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

MOMENT = 0.05
"""Seconds until the signal comes again."""

WRITERS = frozenset({"_write_job", "_write_ack"})
"""The functions of ``celery.concurrency.asynpool`` that must not be cut in two."""

Handler = Callable[[int, FrameType | None], Any]


def guard_signals(*numbers: int) -> None:
    """Puts off what handles these signals while a message is being written. Only in a process's main thread."""
    for number in numbers:
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, _putting_off(handler))


def _putting_off(handler: Handler) -> Handler:
    def when_written(number: int, frame: FrameType | None) -> None:
        if _writes(frame):
            again = threading.Timer(MOMENT, os.kill, (os.getpid(), number))
            again.daemon = True
            again.start()
        else:
            handler(number, frame)

    return when_written


def _writes(frame: FrameType | None) -> bool:
    """Whether what was interrupted is, at any depth, the writing of a message."""
    while frame is not None:
        if frame.f_code.co_name in WRITERS and frame.f_globals.get("__name__") == "celery.concurrency.asynpool":
            return True
        frame = frame.f_back
    return False
