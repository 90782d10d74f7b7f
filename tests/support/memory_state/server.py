"""What a Redis holds for a deployment, and the one way to it: requests, each of them one atomic step.

The fields are the keys of ``storage.redis.keys``; names and meanings are those of that schema.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from telemetry_tasks.core.partition import Owner, Partition

Answer = TypeVar("Answer")
Step = Callable[[], Answer]
Send = Callable[[str, Step[Any]], Any]


@dataclass
class Job:
    """The keys of a job."""

    run_id: str
    attempts: dict[str, int] = field(default_factory=dict)
    due_at: dict[str, float] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


@dataclass
class Channel:
    """The keys of one channel/version."""

    epoch: str = ""
    files: dict[str, Owner] = field(default_factory=dict)
    partitions: dict[str, Partition] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    errors: dict[str, tuple[float, str]] = field(default_factory=dict)
    aggregated: dict[str, str] = field(default_factory=dict)
    batched: dict[str, str] = field(default_factory=dict)
    batches: dict[str, tuple[str, ...]] = field(default_factory=dict)
    batch_leases: dict[str, float] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    reading: str = ""
    limits: set[str] = field(default_factory=set)
    deltas: dict[str, bytes] = field(default_factory=dict)
    base_version: str | None = None
    measures: dict[str, str] = field(default_factory=dict)
    block_digests: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, bytes] = field(default_factory=dict)
    job_leases: dict[str, float] = field(default_factory=dict)
    job: dict[str, Job] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    unpublished: dict[str, float] = field(default_factory=dict)
    nonce: str = "none"
    staged: dict[str, bytes] = field(default_factory=dict)


def due(times: dict[str, float], now: float) -> list[str]:
    """ZRANGEBYSCORE up to now: by time, then by name."""
    return sorted((id for id, at in times.items() if at <= now), key=lambda id: (times[id], id))


class MemoryServer:
    """``send`` is given every request, with its name, and does it: at once here, or whatever a test makes of it."""

    def __init__(self, clock: Callable[[], float] = time.time, token: Callable[[int], str] = secrets.token_hex) -> None:
        self._clock, self._last = clock, 0.0
        self.token = token
        self.send: Send = lambda name, step: step()
        self.wipe()

    def wipe(self) -> None:
        """FLUSHALL."""
        self.epoch: str | None = None
        self.restoring = False
        self.versions: set[str] = set()
        self.notes: dict[str, tuple[bytes, float]] = {}
        self.boards: dict[str, dict[str, tuple[bytes, float]]] = {}
        self.locks: dict[str, tuple[str, float]] = {}
        self.counters: dict[str, float] = {}
        self._channels: dict[str, Channel] = {}

    def channel(self, name: str) -> Channel:
        """The keys of a channel/version; empty where there is none."""
        return self._channels.setdefault(name, Channel())

    def now(self) -> float:
        """TIME: later with every step, so that what waits is in the order in which it came."""
        self._last = max(self._last + 1e-6, self._clock())
        return self._last


class Part:
    """What the parts of a channel/version's state share."""

    def __init__(self, server: MemoryServer, name: str, epoch: str) -> None:
        self._server, self.name, self.epoch = server, name, epoch

    @property
    def _here(self) -> Channel:
        return self._server.channel(self.name)

    def _is_stale(self) -> bool:
        return self._here.epoch != self.epoch

    def _do(self, name: str, step: Step[Answer]) -> Answer:
        """One request."""
        return self._server.send(name, step)

    def _read(self, name: str, read: Callable[[Channel], Answer]) -> Answer:
        return self._server.send(name, lambda: read(self._here))

    def _stage(self, body: bytes) -> str:
        token = self._server.token(8)
        self._do("stage", lambda: self._here.staged.update({token: body}))
        return token
