"""An object store in the memory of one process: for tests, and as the shortest implementation of the contract."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from telemetry_tasks.errors import NotFound, PreconditionFailed
from telemetry_tasks.storage.keys import checked_headers, checked_key
from telemetry_tasks.storage.objects import (
    PLAIN,
    Absent,
    Condition,
    Headers,
    Matches,
    ObjectInfo,
    OpenObject,
    Span,
    StoredObject,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    stored: StoredObject
    modified: datetime

    @property
    def info(self) -> ObjectInfo:
        return ObjectInfo(self.stored.key, len(self.stored.body), self.stored.etag, self.modified)


class MemoryObjectStore:
    """``clock`` is the clock of ``now()`` and ``ObjectInfo.modified``; tests advance it."""

    def __init__(self, name: str = "", clock: Callable[[], datetime] = _utc_now) -> None:
        self._name = name
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"memory://{self._name}"

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        with self._lock:
            entries = [e for key, e in self._entries.items() if key.startswith(prefix) and key > start_after]
        # the order of code points is that of UTF-8 bytes
        yield from sorted((entry.info for entry in entries), key=lambda info: info.key)

    def head(self, key: str) -> ObjectInfo | None:
        entry = self._entries.get(checked_key(key))
        return entry.info if entry else None

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        return self._found(key, if_match).stored

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        yield from self.open(key, if_match=if_match, chunk_size=chunk_size).pieces

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        entry = self._found(key, if_match)
        stored, info = entry.stored, entry.info
        start, end = span.within(info.size) if span else (0, info.size)
        pieces = (stored.body[at : min(at + chunk_size, end)] for at in range(start, end, chunk_size))
        return OpenObject(info, stored.headers, start, end, pieces)

    def _found(self, key: str, if_match: str | None) -> _Entry:
        entry = self._entries.get(checked_key(key))
        if entry is None:
            raise NotFound(f"{self.url}: no object {key}")
        if if_match is not None and if_match != entry.stored.etag:
            raise PreconditionFailed(f"{self.url}: {key} is not {if_match} but {entry.stored.etag}")
        return entry

    def put(self, key: str, body: bytes, *, headers: Headers = PLAIN, only_if: Condition | None = None) -> str:
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        stored = StoredObject(checked_key(key), bytes(body), etag, checked_headers(headers))
        with self._lock:
            there = self._entries.get(key)
            if isinstance(only_if, Absent) and there:
                raise PreconditionFailed(f"{self.url}: {key} exists already")
            if isinstance(only_if, Matches) and (there is None or there.stored.etag != only_if.etag):
                raise PreconditionFailed(f"{self.url}: {key} is not {only_if.etag}")
            self._entries[key] = _Entry(stored, self._clock())
        return etag

    def copy(self, source: str, target: str) -> None:
        checked_key(target)
        with self._lock:
            entry = self._entries.get(checked_key(source))
            if entry is None:
                raise NotFound(f"{self.url}: no object {source}")
            self._entries[target] = _Entry(replace(entry.stored, key=target), self._clock())

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            with self._lock:
                self._entries.pop(checked_key(key), None)

    def now(self) -> datetime:
        return self._clock()
