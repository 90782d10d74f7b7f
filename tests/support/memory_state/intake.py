"""Registration and dispatch."""

from collections.abc import Sequence

from telemetry_tasks.core.partition import Owner, Partition
from tests.support.memory_state.server import Part, due


class Intake(Part):
    """See ``storage.redis.intake`` and the scripts that it runs."""

    def registered(self, keys: Sequence[str]) -> dict[str, Owner]:
        def read() -> dict[str, Owner]:
            files = self._here.files
            return {} if self._is_stale() else {key: files[key] for key in keys if key in files}

        return self._do("registered", read) if keys else {}

    def register(self, partition: Partition) -> list[str] | None:
        def step() -> list[str] | None:
            here = self._here
            if self._is_stale():
                return None
            taken = [file.key for file in partition.files if file.key in here.files]
            if not taken:
                self._own(partition)
                here.forgotten -= {file.key for file in partition.files}
                here.partitions[partition.id] = partition
                here.waiting[partition.id] = self._server.now()
            return taken

        return self._do("register", step)

    def _own(self, partition: Partition) -> None:
        self._here.files.update(partition.owners())

    def note_uploaded(self, key: str, uploaded: float) -> None:
        self._read("note_uploaded", lambda here: here.unpublished.setdefault(key, uploaded))

    def unpublished(self) -> dict[str, float]:
        return self._read("unpublished", lambda here: dict(here.unpublished))

    def oldest_unpublished(self) -> float | None:
        return self._read("oldest_unpublished", lambda here: min(here.unpublished.values(), default=None))

    def oldest_waiting(self) -> float | None:
        return self._read("oldest_waiting", lambda here: min(here.waiting.values(), default=None))

    def oldest_lease(self) -> float | None:
        return self._read("oldest_lease", lambda here: min(here.running.values(), default=None))

    def note_published(self, keys: Sequence[str]) -> list[str]:
        return self._read(
            "note_published", lambda here: [key for key in keys if here.unpublished.pop(key, None) is not None]
        )

    def partitions(self, ids: Sequence[str]) -> dict[str, Partition]:
        if not ids:
            return {}
        return self._read("partitions", lambda here: {id: here.partitions[id] for id in ids if id in here.partitions})

    def running_count(self) -> int:
        return self._read("running_count", lambda here: len(here.running))

    def claim(self, limit: int, lease: float, *, overdue: int = 0) -> list[str]:
        def step() -> list[str]:
            here, now = self._here, self._server.now()
            if self._is_stale():
                return []
            claimed = due(here.running, now)[: max(overdue, 0)]
            waiting = due(here.waiting, now)[: max(limit, 0)]
            for id in waiting:
                del here.waiting[id]
            here.running.update(dict.fromkeys([*claimed, *waiting], now + lease))
            return [*claimed, *waiting]

        return self._do("claim", step)

    def _is_done(self, partition: str) -> bool:
        return partition in self._here.aggregated or partition in self._here.merged

    def start(self, partition: str, lease: float) -> int:
        def step() -> int:
            here = self._here
            if self._is_stale():
                return 0
            here.waiting.pop(partition, None)
            if partition not in here.partitions or self._is_done(partition):
                here.running.pop(partition, None)
                return 0
            here.running[partition] = self._server.now() + lease
            here.attempts[partition] = here.attempts.get(partition, 0) + 1
            return here.attempts[partition]

        return self._do("start", step)

    def renew(self, partition: str, lease: float) -> None:
        def step() -> None:
            if not self._is_stale() and partition in self._here.running:
                self._here.running[partition] = self._server.now() + lease

        self._do("renew", step)

    def release(self, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        def step() -> None:
            here = self._here
            if self._is_stale():
                return
            if not counts and here.attempts.get(partition, 0) > 0:
                here.attempts[partition] -= 1
            if here.running.pop(partition, None) is not None:
                here.waiting[partition] = self._server.now() + delay

        self._do("release", step)

    def note_error(self, partition: str, error: str) -> None:
        def since() -> float:
            return self._here.errors.get(partition, (self._server.now(), ""))[0]

        began = self._do("error_since", since)
        self._read("note_error", lambda here: here.errors.update({partition: (began, error)}))

    def error(self, partition: str) -> str | None:
        return self._read("error", lambda here: here.errors.get(partition, (0.0, None))[1])

    def errors(self) -> dict[str, tuple[float, str]]:
        return self._read("errors", lambda here: dict(here.errors))

    def split(self, partition: str, parts: Sequence[Partition]) -> bool:
        def step() -> bool:
            here = self._here
            if self._is_stale() or partition not in here.partitions or self._is_done(partition):
                return False
            attempts = max(here.attempts.get(partition, 0) - 1, 0)
            for table in (here.partitions, here.waiting, here.running, here.attempts, here.errors):
                table.pop(partition, None)  # type: ignore[attr-defined]
            now = self._server.now()
            for part in parts:
                here.partitions[part.id] = part
                here.waiting[part.id] = now
                here.attempts[part.id] = attempts
                self._own(part)
            return True

        return self._do("split", step)

    def note_aggregated(self, partition: str, digest: str) -> bool:
        def step() -> bool:
            here = self._here
            if self._is_stale() or partition not in here.partitions:
                return False
            for table in (here.waiting, here.running, here.attempts, here.errors):
                table.pop(partition, None)  # type: ignore[attr-defined]
            if partition in here.merged:
                return False
            new = partition not in here.aggregated
            here.aggregated[partition] = digest
            return new

        return self._do("note_aggregated", step)

    def aggregate_again(self, partition: str, error: str) -> bool:
        self.note_error(partition, error)

        def step() -> bool:
            here = self._here
            if self._is_stale() or partition in here.merged:
                return False
            if here.aggregated.pop(partition, None) is None or partition not in here.partitions:
                return False
            here.batched.pop(partition, None)
            here.waiting[partition] = self._server.now()
            return True

        return self._do("aggregate_again", step)
