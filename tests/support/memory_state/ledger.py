"""What counts: batches, ledger, commits."""

from collections.abc import Iterable, Mapping, Sequence

from telemetry_tasks.core.partition import LedgerEntry, Owner, Partition
from telemetry_tasks.errors import StaleEpoch
from telemetry_tasks.storage.state_values import NOTHING_COUNTS, Batch, BuiltWith, Commit, Whole
from tests.support.memory_state.server import Channel, Part, due


class Ledger(Part):
    """See ``storage.redis.ledger`` and the scripts that it runs."""

    def aggregated(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        def found(here: Channel) -> dict[str, str]:
            return {id: digest for id, digest in here.aggregated.items() if ids is None or id in ids}

        return self._read("aggregated", found)

    def unbatched(self) -> dict[str, str]:
        batched = self._read("batched", lambda here: set(here.batched))
        return {id: digest for id, digest in self.aggregated().items() if id not in batched}

    def form_batch(self, batch: Batch, lease: float) -> bool:
        def step() -> bool:
            here = self._here
            if self._is_stale() or any(id not in here.aggregated or id in here.batched for id in batch.partitions):
                return False
            here.batched.update(dict.fromkeys(batch.partitions, batch.id))
            here.batches[batch.id] = batch.partitions
            here.batch_leases[batch.id] = self._server.now() + lease
            return True

        return self._do("batch", step)

    def batch(self, id: str) -> Batch | None:
        found = self._read("batches", lambda here: here.batches.get(id))
        return None if found is None else Batch(id, found)

    def renew_batch(self, batch: str, lease: float) -> None:
        def step() -> None:
            if not self._is_stale() and batch in self._here.batch_leases:
                self._here.batch_leases[batch] = self._server.now() + lease

        self._do("renew_batch", step)

    def overdue_batches(self, lease: float, limit: int) -> list[Batch]:
        def step() -> list[str]:
            here, now = self._here, self._server.now()
            if self._is_stale():
                return []
            overdue = due(here.batch_leases, now)[:limit]
            here.batch_leases.update(dict.fromkeys(overdue, now + lease))
            return overdue

        return [batch for id in self._do("overdue_batches", step) if (batch := self.batch(id)) is not None]

    def dissolve(self, batch: Batch) -> None:
        def step() -> None:
            here = self._here
            if self._is_stale():
                return
            for id in batch.partitions:
                if here.batched.get(id) == batch.id:
                    del here.batched[id]
            here.batches.pop(batch.id, None)
            here.batch_leases.pop(batch.id, None)

        self._do("dissolve", step)

    def merged(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        def found(here: Channel) -> dict[str, str]:
            return {id: digest for id, digest in here.merged.items() if ids is None or id in ids}

        return self._read("merged", found)

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
        known, remove, owners = register or {}, remove or {}, owners or {}
        id, nonce, staged = self._server.token(8), self._server.token(16), self._stage(delta)
        version = self._server.token(16)

        def refused() -> Commit | None:
            here = self._here
            if self._is_stale():
                return Commit("stale")
            if id in here.deltas:
                return Commit("ok")
            merged = tuple(each for each in add if each in here.merged)
            unknown = tuple(
                each for each in add if each not in {*here.merged, *here.partitions} and known.get(each) is None
            )
            replaced = tuple(each for each, digest in remove.items() if here.merged.get(each) != digest)
            for code, ids in (("already merged", merged), ("unknown", unknown), ("replaced", replaced)):
                if ids:
                    return Commit(code, ids)
            if instead_of is not None:
                found = len(here.merged), len(here.deltas), here.base_version
                if found != (len(remove), len(instead_of.deltas), instead_of.base.version):
                    return Commit("moved")
            elif add and here.merged and here.reading != built_with.reading:
                return Commit("settings")
            return None if staged in here.staged else Commit("unstaged")

        def step() -> Commit:
            answer = refused()
            if answer is not None:
                return answer
            here = self._here
            if instead_of is not None:
                here.deltas, here.measures, here.block_digests, here.limits = {}, {}, {}, set()
                here.base_version = version
                here.blocks = {name: b for name, b in here.blocks.items() if name not in instead_of.base.blocks}
            here.deltas[id] = here.staged.pop(staged)
            for each, digest in add.items():
                here.merged[each] = digest
                here.aggregated.pop(each, None)
                here.batched.pop(each, None)
                if each in known:
                    here.partitions[each] = known[each]
            for each in remove:
                del here.merged[each]
                here.partitions.pop(each, None)
            for key, owner in owners.items():
                self._hand_over(key, owner)
            if add:
                here.reading = built_with.reading
                here.limits |= built_with.limits
            elif not here.merged:
                here.reading, here.limits = "", set()
            for each in here.batches.pop(batch, ()):
                if here.batched.get(each) == batch:
                    del here.batched[each]
            here.batch_leases.pop(batch, None)
            here.nonce = nonce
            return Commit("ok")

        return self._do("commit", step)

    def _hand_over(self, key: str, owner: Owner | None) -> None:
        here = self._here
        if owner is None:
            here.files.pop(key, None)
            here.forgotten.add(key)
        else:
            here.files[key] = owner
            here.forgotten.discard(key)

    def built_with(self) -> BuiltWith:
        return self._read("built_with", lambda here: BuiltWith(here.reading, frozenset(here.limits)))

    def nonce(self) -> str:
        return self._read("nonce", lambda here: here.nonce)

    def forgotten(self) -> set[str]:
        return self._read("forgotten", lambda here: set(here.forgotten))

    def load(
        self, entries: Iterable[LedgerEntry], forgotten: Sequence[str] = (), built_with: BuiltWith = NOTHING_COUNTS
    ) -> None:
        def step(entry: LedgerEntry) -> bool:
            here, partition = self._here, entry.partition
            if self._is_stale():
                return False
            here.files.update(entry.owners())
            here.merged[partition.id] = entry.digest
            here.partitions[partition.id] = partition
            return True

        def forget() -> bool:
            if not self._is_stale():
                self._here.forgotten.update(forgotten)
            return not self._is_stale()

        def build() -> bool:
            if not self._is_stale():
                self._here.reading = built_with.reading
                self._here.limits |= built_with.limits
            return not self._is_stale()

        done = [self._do("load", lambda entry=entry: step(entry)) for entry in entries]
        if built_with != NOTHING_COUNTS:
            done.append(self._do("build", build))
        if forgotten:
            done.append(self._do("forget", forget))
        if not all(done):
            raise StaleEpoch(f"{self.name}: another restore came in between")
