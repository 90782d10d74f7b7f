"""The application with a worker that gets SIGQUIT between the head and the body of a job that it writes to a child.

``celery -A tests.system.half_written worker``. Only the first job after the worker is ready.
"""

import os
import signal
from typing import Any

from billiard.connection import Connection
from celery.signals import worker_ready

from telemetry_tasks.app import app

__all__ = ["app"]

HEAD = 4  # bytes of a job's length
_write = Connection.send_offset
_armed: list[bool] = []


def _interrupted(self: Connection, part: Any, offset: int) -> Any:
    if _armed and len(part) > HEAD:
        _armed.clear()
        os.kill(os.getpid(), signal.SIGQUIT)
    return _write(self, part, offset)


# the pool takes the method when it starts a child: put in later, it would wait for the first child that is replaced
Connection.send_offset = _interrupted


@worker_ready.connect
def _arm(**_: object) -> None:
    _armed.append(True)
