"""An object store in memory whose every request goes through the weather."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from telemetry_tasks.errors import NotFound, PreconditionFailed
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import PLAIN, Condition, Headers, ObjectInfo, OpenObject, Span, StoredObject
from tests.faults.simulation.weather import Weather


class SimulatedStore:
    """A conditional write whose answer is lost is looked at, as the store over S3 does it: see ``s3_write``."""

    def __init__(self, name: str, clock: Callable[[], datetime], weather: Weather) -> None:
        self.inner = MemoryObjectStore(name, clock)
        self._name, self._weather = name, weather

    def _send(self, verb: str, key: str, step: Callable[[], Any], again: Callable[[], Any] | None = None) -> Any:
        return self._weather.send(f"{self._name}.{verb} {key}", step, again)

    @property
    def url(self) -> str:
        return self.inner.url

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        return iter(self._send("list", prefix, lambda: list(self.inner.list(prefix, start_after=start_after))))

    def head(self, key: str) -> ObjectInfo | None:
        return self._send("head", key, lambda: self.inner.head(key))

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        return self._send("get", key, lambda: self.inner.get(key, if_match=if_match))

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        return iter([self.get(key, if_match=if_match).body])

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        return self._send("get", key, lambda: self.inner.open(key, span=span, if_match=if_match, chunk_size=chunk_size))

    def put(self, key: str, body: bytes, *, headers: Headers = PLAIN, only_if: Condition | None = None) -> str:
        def step() -> str:
            return self.inner.put(key, body, headers=headers, only_if=only_if)

        def look() -> str:
            try:
                there = self.inner.get(key)
            except NotFound as error:
                raise PreconditionFailed(f"{key} has gone") from error
            if there.body != body:
                raise PreconditionFailed(f"{key}: another writer was first")
            return there.etag

        return self._send("put", key, step, step if only_if is None else look)

    def copy(self, source: str, target: str) -> None:
        self._send("copy", target, lambda: self.inner.copy(source, target))

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._send("delete", key, lambda key=key: self.inner.delete([key]))

    def now(self) -> datetime:
        return self.inner.now()
