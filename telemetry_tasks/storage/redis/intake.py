"""Registration and dispatch, in Redis: what is waiting, running, failed and aggregated."""

from collections.abc import Sequence
from typing import Any

from telemetry_tasks.core.partition import Owner, Partition
from telemetry_tasks.formats import ledger as ledger_format
from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.fenced import Fenced
from telemetry_tasks.storage.redis.owners import decode_owner, owner_pairs


class RedisIntake(Fenced):
    """Files and partitions that do not count yet."""

    def registered(self, keys: Sequence[str]) -> dict[str, Owner]:
        if not keys:
            return {}
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.get(self._keys.key("epoch"))
            pipeline.hmget(self._keys.key("files"), list(keys))
            epoch, values = pipeline.execute()
        if epoch is None or epoch.decode() != self.epoch:
            return {}
        return {key: decode_owner(value) for key, value in zip(keys, values, strict=True) if value is not None}

    def register(self, partition: Partition) -> list[str] | None:
        keys = self._keys("epoch", "files", "partitions", "waiting", "forgotten")
        blob = ledger_format.encode_partition(partition)
        taken = [
            key.decode()
            for key in self._run("register", keys, self.epoch, partition.id, blob, *owner_pairs(partition.owners()))
        ]
        return None if taken == ["stale"] else taken

    def note_uploaded(self, key: str, uploaded: float) -> None:
        with translated(self._url):
            self._client.zadd(self._keys.key("unpublished"), {key: uploaded}, nx=True)

    def unpublished(self) -> dict[str, float]:
        with translated(self._url):
            found = self._client.zrange(self._keys.key("unpublished"), 0, -1, withscores=True)
        return {key.decode(): uploaded for key, uploaded in found}

    def oldest_unpublished(self) -> float | None:
        return self._first("unpublished")

    def oldest_waiting(self) -> float | None:
        return self._first("waiting")

    def oldest_lease(self) -> float | None:
        return self._first("running")

    def _first(self, name: str) -> float | None:
        with translated(self._url):
            found = self._client.zrange(self._keys.key(name), 0, 0, withscores=True)
        return float(found[0][1]) if found else None

    def note_published(self, keys: Sequence[str]) -> list[str]:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            for key in keys:
                pipeline.zrem(self._keys.key("unpublished"), key)
            return [key for key, gone in zip(keys, pipeline.execute(), strict=True) if gone]

    def partitions(self, ids: Sequence[str]) -> dict[str, Partition]:
        if not ids:
            return {}
        with translated(self._url):
            blobs = self._client.hmget(self._keys.key("partitions"), list(ids))
        return {id: ledger_format.decode_partition(b) for id, b in zip(ids, blobs, strict=True) if b is not None}

    def running_count(self) -> int:
        with translated(self._url):
            return int(self._client.zcard(self._keys.key("running")))

    def claim(self, limit: int, lease: float, *, overdue: int = 0) -> list[str]:
        claimed = self._run("claim", self._keys("epoch", "waiting", "running"), self.epoch, limit, lease, overdue)
        return [id.decode() for id in claimed]

    def start(self, partition: str, lease: float) -> int:
        names = ("waiting", "running", "attempts", "partitions", "aggregated", "merged")
        return int(self._run("start", self._keys("epoch", *names), self.epoch, partition, lease))

    def renew(self, partition: str, lease: float) -> None:
        self._run("renew", self._keys("epoch", "running"), self.epoch, partition, lease)

    def release(self, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        keys = self._keys("epoch", "waiting", "running", "attempts")
        self._run("release", keys, self.epoch, partition, int(counts), delay)

    def note_error(self, partition: str, error: str) -> None:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hget(self._keys.key("errors"), partition)
            pipeline.time()
            before, (seconds, micros) = pipeline.execute()
            since = _failure(before)[0] if before else seconds + micros / 1e6
            self._client.hset(self._keys.key("errors"), partition, f"{since} {error}")

    def error(self, partition: str) -> str | None:
        with translated(self._url):
            value = self._client.hget(self._keys.key("errors"), partition)
        return _failure(value)[1] if value else None

    def errors(self) -> dict[str, tuple[float, str]]:
        return {id: _failure(value.encode()) for id, value in self._hash("errors").items()}

    def split(self, partition: str, parts: Sequence[Partition]) -> bool:
        arguments: list[Any] = [self.epoch, partition, len(parts)]
        for part in parts:
            arguments += [part.id, ledger_format.encode_partition(part)]
        for part in parts:
            arguments += owner_pairs(part.owners())
        names = ("partitions", "waiting", "running", "attempts", "aggregated", "merged", "files", "errors")
        return bool(self._run("split", self._keys("epoch", *names), *arguments))

    def note_aggregated(self, partition: str, digest: str) -> bool:
        names = ("waiting", "running", "attempts", "partitions", "aggregated", "merged", "errors")
        return bool(self._run("note_aggregated", self._keys("epoch", *names), self.epoch, partition, digest))

    def aggregate_again(self, partition: str, error: str) -> bool:
        self.note_error(partition, error)
        keys = self._keys("epoch", "aggregated", "merged", "partitions", "waiting", "batched")
        return bool(self._run("aggregate_again", keys, self.epoch, partition))


def _failure(value: bytes) -> tuple[float, str]:
    since, _, error = value.decode().partition(" ")
    return float(since), error
