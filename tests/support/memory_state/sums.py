"""Deltas and base."""

from collections.abc import Mapping, Sequence

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.errors import StaleEpoch
from telemetry_tasks.storage.state_values import PIECE, Base
from tests.support.memory_state.server import Part


def pieces(body: bytes) -> int:
    """In how many pieces Redis keeps a delta."""
    return max(1, -(-len(body) // PIECE))


class Sums(Part):
    """See ``storage.redis.sums`` and the script that it runs."""

    def deltas(self, ids: Sequence[str] | None = None) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for id in self._read("deltas", lambda here: [each for each in here.deltas if ids is None or each in ids]):
            body = self._read("delta", lambda here, id=id: here.deltas.get(id))  # type: ignore[misc]
            if body is not None:  # else a compaction took it meanwhile
                found[id] = body
        return found

    def delta_pieces(self) -> dict[str, int]:
        return self._read("delta_pieces", lambda here: {id: pieces(body) for id, body in here.deltas.items()})

    def delta_count(self) -> int:
        return self._read("delta_count", lambda here: len(here.deltas))

    def base(self) -> Base:
        def step() -> Base:
            here = self._here
            if self._is_stale():
                raise StaleEpoch(f"{self.name}: this epoch is over, the state was lost or restored meanwhile")
            return Base(here.base_version, dict(here.measures), dict(here.block_digests))

        return self._do("base", step)

    def blocks(self, names: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for name in names:
            body = self._read("block", lambda here, name=name: here.blocks.get(name))  # type: ignore[misc]
            if body is not None:
                found[name] = body
        return found

    def block_bytes(self, names: Sequence[str]) -> dict[str, int]:
        return self._read("block_bytes", lambda here: {name: len(here.blocks.get(name, b"")) for name in names})

    def delta_bytes(self) -> dict[str, int]:
        return self._read("delta_bytes", lambda here: {id: len(body) for id, body in here.deltas.items()})

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        measures: Mapping[str, str | None],
    ) -> str:
        staged = {name: self._stage(body) for name, body in blocks.items() if body is not None}
        version = self._server.token(16)

        def step() -> str:
            here = self._here
            if self._is_stale():
                return "stale"
            if here.base_version != base.version or any(id not in here.deltas for id in deltas):
                return "moved"
            if any(token not in here.staged for token in staged.values()):
                return "unstaged"
            here.blocks.update({name: here.staged.pop(token) for name, token in staged.items()})
            for name, body in blocks.items():
                if body is None:
                    here.blocks.pop(name, None)
            for id in deltas:
                del here.deltas[id]
            digests = {name: None if body is None else digest_of(body) for name, body in blocks.items()}
            for kept, new in ((here.measures, measures), (here.block_digests, digests)):
                kept.update({name: digest for name, digest in new.items() if digest})
                for name in [name for name, digest in new.items() if not digest]:
                    kept.pop(name, None)
            here.base_version = version
            return "ok"

        return self._do("compact", step)
