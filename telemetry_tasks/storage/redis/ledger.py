"""The ledger in Redis: batches of aggregated partitions, and the commit that makes them count by adding a delta."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from telemetry_tasks.core.partition import LedgerEntry, Owner, Partition
from telemetry_tasks.errors import StaleEpoch
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import ledger as ledger_format
from telemetry_tasks.storage.redis import scripts as redis_scripts
from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.fenced import STAGE_SECONDS, Fenced
from telemetry_tasks.storage.redis.owners import owner_pairs
from telemetry_tasks.storage.state_values import NOTHING_COUNTS, PIECE, Base, Batch, BuiltWith, Commit, Whole


class RedisLedger(Fenced):
    """Batches, ledger and commits."""

    def aggregated(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        return self._hash("aggregated") if ids is None else self._fields("aggregated", ids)

    def unbatched(self) -> dict[str, str]:
        batched = self._hash("batched")
        return {id: digest for id, digest in self.aggregated().items() if id not in batched}

    def form_batch(self, batch: Batch, lease: float) -> bool:
        keys = self._keys("epoch", "aggregated", "batched", "batches", "batch_leases")
        listed = " ".join(batch.partitions)
        return bool(self._run("batch", keys, self.epoch, batch.id, listed, lease, *batch.partitions))

    def batch(self, id: str) -> Batch | None:
        with translated(self._url):
            value = self._client.hget(self._keys.key("batches"), id)
        return None if value is None else Batch(id, tuple(value.decode().split()))

    def renew_batch(self, batch: str, lease: float) -> None:
        self._run("renew", self._keys("epoch", "batch_leases"), self.epoch, batch, lease)

    def overdue_batches(self, lease: float, limit: int) -> list[Batch]:
        ids = self._run("overdue_batches", self._keys("epoch", "batch_leases"), self.epoch, lease, limit)
        return [batch for id in ids if (batch := self.batch(id.decode())) is not None]

    def dissolve(self, batch: Batch) -> None:
        keys = self._keys("epoch", "batched", "batches", "batch_leases")
        self._run("dissolve", keys, self.epoch, batch.id, *batch.partitions)

    def merged(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        return self._hash("merged") if ids is None else self._fields("merged", ids)

    def commit(
        self,
        delta: bytes,
        add: Mapping[str, str],
        *,
        batch: str = "",
        register: Mapping[str, Partition] | None = None,
        remove: Mapping[str, str] | None = None,
        owners: Mapping[str, Owner | None] | None = None,
        built_with: BuiltWith = NOTHING_COUNTS,
        instead_of: Whole | None = None,
    ) -> Commit:
        register, remove, owners = register or {}, remove or {}, owners or {}
        delta_id = secrets.token_hex(8)
        staged = self._stage(delta)
        keys = self._keys(
            *("epoch", "merged", "deltas", "aggregated", "batched", "batches"),
            *("batch_leases", "partitions", "files", "nonce", "forgotten"),
            *("reading", "limits", "base_version", "digests"),
        )
        for pair in zip(staged, self._delta_keys({delta_id: len(staged)}), strict=True):
            keys += pair
        whole = instead_of is not None
        if instead_of is not None:
            keys += [*self._block_keys(instead_of.base.blocks), *self._delta_keys(instead_of.deltas)]
        replaced = instead_of or Whole(Base(None), {})
        arguments: list[Any] = [self.epoch, delta_id, batch, secrets.token_hex(16), len(staged)]
        arguments += [len(add), len(remove), len(owners)]
        arguments += [built_with.reading, len(built_with.limits), int(whole)]
        arguments += [replaced.base.version or "", secrets.token_hex(16), len(replaced.deltas)]
        for id, digest in add.items():
            partition = register.get(id)
            arguments += [id, digest, ledger_format.encode_partition(partition) if partition else ""]
        arguments += [text for pair in remove.items() for text in pair]
        arguments += owner_pairs(owners)
        arguments += sorted(built_with.limits)
        failpoint("commit.staged")
        code, *ids = (part.decode() for part in self._run("commit", keys, *arguments))
        failpoint("commit.done")
        return Commit(code, tuple(ids))

    def built_with(self) -> BuiltWith:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.get(self._keys.key("reading"))
            pipeline.smembers(self._keys.key("limits"))
            reading, limits = pipeline.execute()
        return BuiltWith((reading or b"").decode(), frozenset(each.decode() for each in limits))

    def nonce(self) -> str:
        with translated(self._url):
            return (self._client.get(self._keys.key("nonce")) or b"none").decode()

    def _stage(self, blob: bytes) -> list[str]:
        token = secrets.token_hex(8)
        keys = []
        with translated(self._url):
            for i in range(0, max(len(blob), 1), PIECE):
                failpoint("commit.half-staged")
                keys.append(self._keys.key(f"stage:{token}:{i // PIECE}"))
                self._client.set(keys[-1], blob[i : i + PIECE], ex=STAGE_SECONDS)
        return keys

    def forgotten(self) -> set[str]:
        with translated(self._url):
            return {key.decode() for key in self._client.smembers(self._keys.key("forgotten"))}

    def load(
        self, entries: Iterable[LedgerEntry], forgotten: Sequence[str] = (), built_with: BuiltWith = NOTHING_COUNTS
    ) -> None:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            script = self._client.register_script(redis_scripts.source("load"))
            keys = self._keys("epoch", "files", "merged", "partitions")
            for entry in entries:
                partition = entry.partition
                blob = ledger_format.encode_partition(partition)
                arguments = [self.epoch, partition.id, entry.digest, blob, *owner_pairs(entry.owners())]
                script(keys, arguments, client=pipeline)
            if built_with != NOTHING_COUNTS:
                build = self._client.register_script(redis_scripts.source("build"))
                arguments = [self.epoch, built_with.reading, *sorted(built_with.limits)]
                build(self._keys("epoch", "reading", "limits"), arguments, client=pipeline)
            if forgotten:
                forget = self._client.register_script(redis_scripts.source("forget"))
                forget(self._keys("epoch", "forgotten"), [self.epoch, *forgotten], client=pipeline)
            done = pipeline.execute()
        if not all(done):
            raise StaleEpoch(f"{self.name}: another restore came in between")
