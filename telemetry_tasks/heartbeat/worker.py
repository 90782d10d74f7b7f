"""The heartbeat of a worker, from the event loop that receives its messages: a worker that hangs has none.

Without a broker, that loop does not run, and Celery waits in the middle of its start: a thread beats instead, and says
so. A worker that is only cut off must not be restarted.
"""

import atexit
import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.signals import worker_init

from telemetry_tasks.core.living import READY, WAITING
from telemetry_tasks.heartbeat.file import INTERVAL, HeartbeatFile
from telemetry_tasks.heartbeat.living import Living
from telemetry_tasks.settings import settings


class Heartbeat(bootsteps.StartStopStep):
    """A step of the consumer: started with each connection to the broker, stopped when it is lost."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._file = _heartbeat_file(settings().heartbeat)
        self._living = _living()
        self._queues: tuple[str, ...] = ()
        self._timer: Any = None
        self._connected = threading.Event()

    def start(self, consumer: Any) -> None:
        """Beats from the event loop."""
        self._connected.set()
        self._queues = tuple(queue.name for queue in consumer.task_consumer.queues)
        self._beat(READY)
        self._timer = consumer.timer.call_repeatedly(INTERVAL, self._beat, (READY,))

    def stop(self, consumer: Any) -> None:
        """Beats from a thread until there is a connection again, or the process ends."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._connected = threading.Event()
        threading.Thread(target=self._wait, args=(self._connected,), name="heartbeat", daemon=True).start()

    def _wait(self, connected: threading.Event) -> None:
        self._beat(WAITING)
        while not connected.wait(INTERVAL):
            self._beat(WAITING)

    def _beat(self, word: str) -> None:
        if self._file:
            self._file.beat(word)
        self._living.tell(self._queues, word)


@cache
def _heartbeat_file(path: Path | None) -> HeartbeatFile | None:
    """This process's one; threads may still beat when it ends."""
    return None if path is None else HeartbeatFile(path)


@cache
def _living() -> Living:
    """This process's one, whatever connections come and go."""
    return Living(settings())


@worker_init.connect
def _begin(**_: object) -> None:
    """A file of an earlier process is not taken for this one's, nor this one's for a later one's.

    Celery's ``worker_shutdown`` does not come when a worker stops by SIGTERM as ours do; the interpreter's end does.
    """
    if file := _heartbeat_file(settings().heartbeat):
        file.remove()
        atexit.register(_end, file, os.getpid())


def _end(file: HeartbeatFile, pid: int) -> None:
    """The end of a forked child is not the worker's."""
    if os.getpid() == pid:
        file.end()
