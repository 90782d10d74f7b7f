"""The state in Redis: files and partitions, the ledger, and the sums.

The sums are log-structured. A commit appends a delta and marks its partitions in one atomic script, keyed by
partition: a second commit of any of them is refused. A compaction adds deltas to the base, guarded by the
base's random version. Neither is a read-modify-write, so concurrent ones cannot corrupt each other; a random epoch
fences off processes that use a lost state. Keys: see ``keys``. Scripts: see ``scripts``.
"""

import secrets
from typing import Any

from telemetry_tasks.storage.redis import scripts as redis_scripts
from telemetry_tasks.storage.redis.board import RedisBoard
from telemetry_tasks.storage.redis.channel_state import RedisChannelState
from telemetry_tasks.storage.redis.counters import RedisCounters
from telemetry_tasks.storage.redis.errors import redacted, translated
from telemetry_tasks.storage.redis.keys import Keys
from telemetry_tasks.storage.redis.lock import RedisLock

RESTORING = " restoring"
"""Suffix of an epoch that is still being restored."""


class RedisState:
    """The state of one deployment. See ``state`` for the contract."""

    def __init__(self, client: Any, url: str, prefix: str) -> None:
        self.client, self.url, self._prefix = client, redacted(url), prefix
        self.counters = RedisCounters(client, url, prefix)

    def epoch(self) -> str | None:
        found = self._epoch_or_restore()
        return None if found.endswith(RESTORING) else found or None

    def _epoch_or_restore(self) -> str:
        with translated(self.url):
            return (self.client.get(f"{self._prefix}:epoch") or b"").decode()

    def next_epoch(self) -> str:
        with translated(self.url):
            seconds, micros = self.client.time()
        now = seconds * 1_000_000 + micros
        for seen in (self._epoch_or_restore(), self.latest_begun()):  # a clock may have been set back
            before = seen.partition("-")[0]
            if before.isdigit():
                now = max(now, int(before) + 1)
        return f"{now:020d}-{secrets.token_hex(8)}"

    def latest_begun(self) -> str:
        names = self.channel_versions()
        with translated(self.url):
            pipeline = self.client.pipeline(transaction=False)
            for name in names:
                pipeline.get(Keys(self._prefix, name).key("epoch"))
            return max((epoch.decode() for epoch in pipeline.execute() if epoch), default="")

    def begin_epoch(self, epoch: str) -> bool:
        return self._on_epoch("begin_epoch", epoch)

    def begin_restore(self, epoch: str) -> bool:
        return self._on_epoch("begin_restore", epoch)

    def finish_restore(self, epoch: str) -> bool:
        return self._on_epoch("finish_restore", epoch)

    def _on_epoch(self, script: str, epoch: str) -> bool:
        with translated(self.url):
            return bool(redis_scripts.run(self.client, script, [f"{self._prefix}:epoch"], [epoch]))

    def channel_versions(self) -> list[str]:
        with translated(self.url):
            return sorted(name.decode() for name in self.client.smembers(f"{self._prefix}:versions"))

    def channel_version(self, name: str, epoch: str) -> RedisChannelState:
        return RedisChannelState(self.client, self.url, Keys(self._prefix, name), epoch)

    def add_channel_version(self, name: str) -> None:
        with translated(self.url):
            self.client.sadd(f"{self._prefix}:versions", name)

    def lock(self, name: str, seconds: float) -> RedisLock:
        return RedisLock(self.client, self.url, f"{self._prefix}:lock:{name}", seconds)

    def board(self, name: str, most: int) -> RedisBoard:
        return RedisBoard(self.client, self.url, self._prefix, name, most)

    def note(self, name: str) -> bytes | None:
        with translated(self.url):
            return self.client.get(f"{self._prefix}:note:{name}")

    def set_note(self, name: str, value: bytes, seconds: float | None = None) -> None:
        with translated(self.url):
            self.client.set(f"{self._prefix}:note:{name}", value, px=None if seconds is None else int(seconds * 1000))

    def drop_note(self, name: str) -> None:
        with translated(self.url):
            self.client.delete(f"{self._prefix}:note:{name}")

    def memory(self) -> dict[str, Any]:
        with translated(self.url):
            return self.client.info("memory")
