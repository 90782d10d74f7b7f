"""Partitions and deltas for the tests of the state."""

from collections.abc import Callable

import redis

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import FileRef, LedgerEntry, Partition, partition_of
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.redis.state import RedisState

NAME = "nightly/28"
LEASE = 60.0
SHORT = 1.0
EPOCH, LATER, EARLIER = "epoch 5", "epoch 6", "epoch 4"
Make = Callable[..., ChannelState]
Dump = Callable[[], object]


def state_at(url: str, **options: object) -> RedisState:
    return RedisState(redis.Redis.from_url(url, **options), url, "tt")


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
