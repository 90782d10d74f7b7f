"""The sums, in Redis: deltas, and the blocks of the base to which a compaction adds them."""

import secrets
from collections.abc import Mapping, Sequence

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.errors import DataError, StaleEpoch
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.fenced import STAGE_SECONDS, Fenced
from telemetry_tasks.storage.state_values import Base

_MEASURE, _BLOCK = "m:", "b:"
"""What the fields of ``digests`` begin with."""


class RedisSums(Fenced):
    """Deltas and base."""

    def deltas(self, ids: Sequence[str] | None = None) -> dict[str, bytes]:
        out = {}
        for id, pieces in self.delta_pieces().items():
            if ids is not None and id not in ids:
                continue
            with translated(self._url):
                parts = self._client.mget(self._delta_keys({id: pieces}))
            if None not in parts:
                out[id] = b"".join(parts)
            elif self._has_delta(id):  # otherwise a compaction dropped it meanwhile
                raise DataError("bad-state", f"{self.name}: a part of delta {id} is gone from Redis")
        return out

    def _has_delta(self, id: str) -> bool:
        with translated(self._url):
            return bool(self._client.hexists(self._keys.key("deltas"), id))

    def delta_pieces(self) -> dict[str, int]:
        return {id: int(pieces) for id, pieces in self._hash("deltas").items()}

    def delta_count(self) -> int:
        with translated(self._url):
            return int(self._client.hlen(self._keys.key("deltas")))

    def base(self) -> Base:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.get(self._keys.key("epoch"))
            pipeline.get(self._keys.key("base_version"))
            pipeline.hgetall(self._keys.key("digests"))
            epoch, version, digests = pipeline.execute()
        if epoch != self.epoch.encode():
            raise StaleEpoch(f"{self.name}: this epoch is over, the state was lost or restored meanwhile")
        fields = {field.decode(): digest.decode() for field, digest in digests.items()}
        return Base(version.decode() if version else None, _named(fields, _MEASURE), _named(fields, _BLOCK))

    def blocks(self, names: Sequence[str]) -> dict[str, bytes]:
        out = {}
        for name, key in zip(names, self._block_keys(names), strict=True):
            with translated(self._url):
                value = self._client.get(key)
            if value is not None:
                out[name] = value
        return out

    def block_bytes(self, names: Sequence[str]) -> dict[str, int]:
        return dict(zip(names, self._lengths(self._block_keys(names)), strict=True))

    def delta_bytes(self) -> dict[str, int]:
        keys = {id: self._delta_keys({id: pieces}) for id, pieces in self.delta_pieces().items()}
        lengths = iter(self._lengths([key for of_one in keys.values() for key in of_one]))
        return {id: sum(next(lengths) for _ in of_one) for id, of_one in keys.items()}

    def _lengths(self, keys: Sequence[str]) -> list[int]:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            for key in keys:
                pipeline.strlen(key)
            return [int(length) for length in pipeline.execute()]

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        measures: Mapping[str, str | None],
    ) -> str:
        keep = {name: blob for name, blob in blocks.items() if blob is not None}
        drop = [name for name, blob in blocks.items() if blob is None]
        keys = self._keys("epoch", "base_version", "deltas", "digests")
        for blob, key in zip(keep.values(), self._block_keys(keep), strict=True):
            keys += [self._stage_whole(blob), key]
        pieces = self._delta_keys(deltas)
        keys += [*self._block_keys(drop), *pieces]
        digests = {f"{_MEASURE}{name}": digest or "" for name, digest in measures.items()}
        digests |= {f"{_BLOCK}{name}": "" if blob is None else digest_of(blob) for name, blob in blocks.items()}
        pairs = [text for pair in digests.items() for text in pair]
        counts = (len(keep), len(drop), len(pieces), len(deltas), len(digests))
        version = base.version or ""
        failpoint("compact.staged")
        answer = self._run("compact", keys, self.epoch, version, secrets.token_hex(16), *counts, *deltas, *pairs)
        return answer.decode()

    def _stage_whole(self, blob: bytes) -> str:
        key = self._keys.key(f"stage:{secrets.token_hex(8)}")
        with translated(self._url):
            self._client.set(key, blob, ex=STAGE_SECONDS)
        return key


def _named(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {field.removeprefix(prefix): digest for field, digest in fields.items() if field.startswith(prefix)}
