"""The sums, in Redis: deltas, and the blocks of the base to which a compaction adds them."""

import secrets
from collections.abc import Mapping, Sequence

from telemetry_tasks.errors import DataError, StaleEpoch
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.fenced import STAGE_SECONDS, Fenced
from telemetry_tasks.storage.state_values import Base


class RedisBase(Fenced):
    """Deltas and base."""

    def deltas(self) -> dict[str, bytes]:
        out = {}
        for id, pieces in self._hash("deltas").items():
            with translated(self._url):
                parts = self._client.mget([self._keys.key(f"delta:{id}:{i}") for i in range(int(pieces))])
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
        named = {field.decode(): digest.decode() for field, digest in digests.items()}
        return Base(
            version.decode() if version else None,
            {name[2:]: digest for name, digest in named.items() if name.startswith("m:")},
            {name[2:]: digest for name, digest in named.items() if name.startswith("b:")},
        )

    def blocks(self, names: Sequence[str]) -> dict[str, bytes]:
        out = {}
        for name in names:
            with translated(self._url):
                value = self._client.get(self._keys.key(f"base:{name}"))
            if value is not None:
                out[name] = value
        return out

    def block_bytes(self, names: Sequence[str]) -> dict[str, int]:
        return dict(zip(names, self._lengths([f"base:{name}" for name in names]), strict=True))

    def delta_bytes(self) -> int:
        pieces = self.delta_pieces()
        return sum(self._lengths([f"delta:{id}:{i}" for id, count in pieces.items() for i in range(count)]))

    def _lengths(self, names: Sequence[str]) -> list[int]:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            for name in names:
                pipeline.strlen(self._keys.key(name))
            return [int(length) for length in pipeline.execute()]

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        digests: Mapping[str, str | None],
    ) -> str:
        keep = {name: blob for name, blob in blocks.items() if blob is not None}
        drop = [name for name, blob in blocks.items() if blob is None]
        keys = self._keys("epoch", "base_version", "deltas", "digests")
        for name, blob in keep.items():
            keys += [*self._stage_whole(blob), self._keys.key(f"base:{name}")]
        keys += [self._keys.key(f"base:{name}") for name in drop]
        pieces = [self._keys.key(f"delta:{id}:{i}") for id, count in deltas.items() for i in range(count)]
        keys += pieces
        pairs = [text for name, digest in digests.items() for text in (name, digest or "")]
        counts = (len(keep), len(drop), len(pieces), len(deltas), len(digests))
        version = base.version or ""
        failpoint("compact.staged")
        answer = self._run("compact", keys, self.epoch, version, secrets.token_hex(16), *counts, *deltas, *pairs)
        return answer.decode()

    def _stage_whole(self, blob: bytes) -> list[str]:
        key = self._keys.key(f"stage:{secrets.token_hex(8)}")
        with translated(self._url):
            self._client.set(key, blob, ex=STAGE_SECONDS)
        return [key]
