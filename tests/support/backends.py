"""What keeps a state: a real Redis, or the memory of this process. Time passes when a test says so, in both."""

import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Protocol

import redis

from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.state import State
from tests.support.memory_state import MemoryServer, MemoryState

PREFIX = "tt"
NEVER = 9999999999.0
"""A time that comes in no test."""

TIMES = (b"waiting", b"running", b"batch_leases", b"job_leases", b"backing_off")
"""Sorted sets whose scores are times of Redis's clock."""


class Backend(Protocol):
    """Something that keeps the state of one deployment."""

    def client(self) -> State:
        """One more client of it."""
        ...

    def dump(self) -> object:
        """All that is in it but what is staged: to show that nothing was written."""
        ...

    def wipe(self) -> None:
        """All of it is lost, as after a flush or on a new server."""
        ...

    def elapse(self, seconds: float) -> None:
        """So much time passes: leases end, delays are over, notes and locks expire."""
        ...

    def now(self) -> float:
        """Its clock, seconds since 1970."""
        ...

    def set_block(self, channel_version: str, block: str, body: bytes | None) -> None:
        """Overwrites a block of the base, or removes it."""
        ...

    def set_delta(self, channel_version: str, delta: str, body: bytes) -> None:
        """Overwrites a delta."""
        ...

    def lose_epoch(self) -> None:
        """The current epoch is lost, and nothing else."""
        ...

    def post(self, board: str, field: str, value: bytes) -> None:
        """Writes to a board as if at a time that never comes: it does not grow old."""
        ...


class InRedis:
    """The Redis at ``url``, which is nobody else's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.redis = redis.Redis.from_url(url)

    def client(self) -> RedisState:
        return RedisState(redis.Redis.from_url(self.url), self.url, PREFIX)

    def dump(self) -> dict[bytes, object]:
        return {key: self.redis.dump(key) for key in self.redis.scan_iter() if b":stage:" not in key}

    def wipe(self) -> None:
        self.redis.flushall()

    def elapse(self, seconds: float) -> None:
        """Redis has its own clock, so everything in it becomes older instead."""
        with self.redis.pipeline() as pipeline:
            for key in self.redis.scan_iter(count=1000):
                if key.rpartition(b":")[2] in TIMES:
                    for member, _ in self.redis.zscan_iter(key):
                        pipeline.zincrby(key, -seconds, member)
                elif self.redis.type(key) == b"hash":
                    for field, value in self._older(key, seconds):
                        pipeline.hset(key, field, value)
                elif (left := self.redis.pttl(key)) >= 0:
                    pipeline.pexpire(key, max(0, left - int(seconds * 1000)))
            pipeline.execute()

    def _older(self, key: bytes, seconds: float) -> Iterator[tuple[bytes, bytes]]:
        """The fields of a hash that hold a time."""
        for field, value in self.redis.hgetall(key).items():
            if key.endswith(b":errors") or b":board:" in key:
                at, _, rest = value.partition(b" ")
                yield field, b"%.6f " % (float(at) - seconds) + rest

    def now(self) -> float:
        whole, micros = self.redis.time()
        return float(whole) + micros / 1e6

    def set_block(self, channel_version: str, block: str, body: bytes | None) -> None:
        key = f"{PREFIX}:{{{channel_version}}}:base:{block}"
        self.redis.delete(key) if body is None else self.redis.set(key, body)

    def set_delta(self, channel_version: str, delta: str, body: bytes) -> None:
        self.redis.set(f"{PREFIX}:{{{channel_version}}}:delta:{delta}:0", body)

    def lose_epoch(self) -> None:
        self.redis.delete(f"{PREFIX}:epoch")

    def post(self, board: str, field: str, value: bytes) -> None:
        self.redis.hset(f"{PREFIX}:board:{board}", field, b"%.1f " % NEVER + value)


class InMemory:
    """The memory of this process."""

    def __init__(self) -> None:
        self._passed = 0.0
        self.server = MemoryServer(self.now)

    def client(self) -> MemoryState:
        return MemoryState(self.server)

    def dump(self) -> dict[str, Any]:
        own = ("send", "token", "_last", "_clock")
        found = deepcopy({name: value for name, value in vars(self.server).items() if name not in own})
        for channel in found["_channels"].values():
            channel.staged.clear()
        return found

    def wipe(self) -> None:
        self.server.wipe()

    def elapse(self, seconds: float) -> None:
        self._passed += seconds

    def now(self) -> float:
        return time.time() + self._passed

    def set_block(self, channel_version: str, block: str, body: bytes | None) -> None:
        blocks = self.server.channel(channel_version).blocks
        blocks.pop(block, None)
        if body is not None:
            blocks[block] = body

    def set_delta(self, channel_version: str, delta: str, body: bytes) -> None:
        self.server.channel(channel_version).deltas[delta] = body

    def lose_epoch(self) -> None:
        self.server.epoch = None

    def post(self, board: str, field: str, value: bytes) -> None:
        self.server.boards.setdefault(board, {})[field] = value, NEVER
