"""Object stores that tests look into, stop, or damage; and the clock that they go by."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import (
    PLAIN,
    Condition,
    Headers,
    ObjectInfo,
    ObjectStore,
    OpenObject,
    Span,
    StoredObject,
)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self, now: datetime = datetime(2013, 12, 6, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class WatchedStore:
    """A memory store that counts its requests, and calls ``before(verb, key)`` ahead of each: it may raise."""

    def __init__(self, name: str = "watched", clock: Callable[[], datetime] | None = None) -> None:
        self._store: ObjectStore = MemoryObjectStore(name, clock) if clock else MemoryObjectStore(name)
        self.before: Callable[[str, str], None] = lambda verb, key: None
        self.requests: Counter[str] = Counter()
        self.written: list[str] = []

    def forget_requests(self) -> None:
        self.requests.clear()
        self.written.clear()

    def _noted(self, verb: str, key: str) -> None:
        self.before(verb, key)
        self.requests[verb] += 1

    @property
    def url(self) -> str:
        return self._store.url

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        self._noted("list", prefix)
        return self._store.list(prefix, start_after=start_after)

    def head(self, key: str) -> ObjectInfo | None:
        self._noted("head", key)
        return self._store.head(key)

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        self._noted("get", key)
        return self._store.get(key, if_match=if_match)

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        self._noted("get", key)
        return self._store.stream(key, if_match=if_match, chunk_size=chunk_size)

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        self._noted("get", key)
        return self._store.open(key, span=span, if_match=if_match, chunk_size=chunk_size)

    def put(self, key: str, body: bytes, *, headers: Headers = PLAIN, only_if: Condition | None = None) -> str:
        self._noted("put", key)
        etag = self._store.put(key, body, headers=headers, only_if=only_if)
        self.written.append(key)
        return etag

    def copy(self, source: str, target: str) -> None:
        self._noted("copy", target)
        self._store.copy(source, target)

    def delete(self, keys: Iterable[str]) -> None:
        keys = list(keys)
        for key in keys:
            self._noted("delete", key)
        self._store.delete(keys)

    def now(self) -> datetime:
        return self._store.now()


def damage(store: ObjectStore, key: str) -> None:
    """Turns one bit in the middle of an object; its metadata stay as they were."""
    found = store.get(key)
    middle = len(found.body) // 2
    body = found.body[:middle] + bytes([found.body[middle] ^ 1]) + found.body[middle + 1 :]
    store.put(key, body, headers=found.headers)
