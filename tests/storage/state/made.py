"""Partitions and deltas for the tests of the state, and the two states that they are held against."""

from collections.abc import Callable
from copy import deepcopy
from typing import Protocol

import redis

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import FileRef, LedgerEntry, Partition, partition_of
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.state import State
from tests.support.memory_state import MemoryServer, MemoryState

NAME = "nightly/28"
LEASE = 60.0
SHORT = 0.05
EPOCH, LATER, EARLIER = "epoch 5", "epoch 6", "epoch 4"
Make = Callable[..., ChannelState]
Dump = Callable[[], object]


def state_at(url: str, **options: object) -> RedisState:
    return RedisState(redis.Redis.from_url(url, **options), url, "tt")


class Backend(Protocol):
    """Something that keeps a state."""

    def client(self) -> State:
        """One more client of it."""
        ...

    def dump(self) -> object:
        """All that is in it but what is staged: to show that nothing was written."""
        ...

    def wipe(self) -> None:
        """All of it is gone."""
        ...


class InRedis:
    """A Redis at ``url``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis = redis.Redis.from_url(url)

    def client(self) -> RedisState:
        return state_at(self._url)

    def dump(self) -> dict[bytes, object]:
        return {key: self._redis.dump(key) for key in self._redis.scan_iter() if b":stage:" not in key}

    def wipe(self) -> None:
        self._redis.flushall()


class InMemory:
    """The memory of this process."""

    def __init__(self) -> None:
        self.server = MemoryServer()

    def client(self) -> MemoryState:
        return MemoryState(self.server)

    def dump(self) -> dict[str, object]:
        found = deepcopy({name: value for name, value in vars(self.server).items() if name not in ("send", "_last")})
        for channel in found["_channels"].values():
            channel.staged.clear()
        return found

    def wipe(self) -> None:
        self.server.wipe()


def partition(*files: str, etag: str = "e") -> Partition:
    return partition_of(NAME, [FileRef(name, etag, 10) for name in files])


def entry(of: Partition, digest: str = "digest") -> LedgerEntry:
    return LedgerEntry(of, digest, tuple(FileReport(file.key, file.etag, file.size, good=1) for file in of.files))


def delta(*of: Partition) -> bytes:
    return delta_format.encode(Delta(Cells(), tuple(map(entry, of))))


def aggregated(state: ChannelState, *of: Partition) -> None:
    for each in of:
        assert state.register(each) == []
        assert state.start(each.id, LEASE)
        assert state.note_aggregated(each.id, "digest")


def merged(state: ChannelState, *of: Partition) -> None:
    aggregated(state, *of)
    assert state.commit(delta(*of), {each.id: "digest" for each in of}).ok
