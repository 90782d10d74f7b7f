"""How long a worker is silent while there is work for it: connected, alive, and taking nothing."""

import time
from collections.abc import Callable, Sequence

import redis

from tests.faults.background import Background
from tests.system.processes import QUEUES, Process

PROMISED = 15.0
"""Seconds that no worker may be silent, on a machine that starts one within ``PROMPT`` seconds."""

PROMPT = 5.0
MARK = b'"event": "Task '
"""In the line that a worker logs when it takes a task, and when it has done it."""


class Silence(Background):
    """``with Silence(workers, broker) as silence: …; silence.longest``.

    A worker speaks by its log lines about tasks. Its silence begins when it last spoke, when it was started, when
    the queues were last seen empty or when the broker was last seen away: whatever was last.
    """

    def __init__(self, workers: Sequence[Process], waiting: Callable[[], int | None], pause: float = 0.25) -> None:
        super().__init__(pause)
        self.longest, self.whose = 0.0, ""
        self._workers, self._waiting = workers, waiting
        self._spoke: dict[str, float] = {}
        self._read: dict[str, int] = {}
        self._pids: dict[str, int] = {}

    def look(self) -> None:
        """Looks once at all workers."""
        now = time.monotonic()
        work = bool(self._waiting())
        for worker in list(self._workers):
            if self._speaks(worker) or not work:
                self._spoke[worker.name] = now
            silence = now - self._spoke.setdefault(worker.name, now)
            if silence > self.longest:
                self.longest, self.whose = silence, worker.name

    def _speaks(self, worker: Process) -> bool:
        """Whether it said something about a task since the last look, is another process than then, or is dead."""
        if not worker.alive:
            return True
        pid, at = worker.pid, self._read.get(worker.name, 0)
        with worker.log.open("rb") as log:
            log.seek(at)
            said = log.read()
        self._read[worker.name] = at + said.rfind(b"\n") + 1
        new, self._pids[worker.name] = self._pids.get(worker.name) != pid, pid
        return new or MARK in said


def waiting_in(client: redis.Redis, prefix: str, queues: Sequence[str] = QUEUES) -> int | None:
    """How many messages wait in the queues of a deployment with this ``key_prefix``; None where it is away."""
    try:
        return sum(int(client.llen(f"{prefix}{queue}")) for queue in queues)  # type: ignore[arg-type]
    except redis.RedisError:
        return None


def limit(start: float) -> float:
    """Seconds of silence that are allowed on a machine that took ``start`` seconds to get a worker ready."""
    return PROMISED * max(1.0, start / PROMPT)
