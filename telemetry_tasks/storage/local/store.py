"""An object store in a folder on disk, shared by the processes of one machine.

A key that can be a path is one: ``a/b.gz`` is the file ``a/b.gz``. So a folder filled by another program
can be read as it is. Headers, metadata and keys that cannot be paths are in ``.objects``, see ``layout``.
The folder must exist, as a bucket must.
"""

import fcntl
import hashlib
import heapq
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from telemetry_tasks.errors import (
    DamagedObject,
    InfrastructureError,
    NotFound,
    OperatorError,
    PreconditionFailed,
)
from telemetry_tasks.storage.digests import BodyCheck, md5_of
from telemetry_tasks.storage.keys import checked_headers, checked_key
from telemetry_tasks.storage.local.files import write_durably
from telemetry_tasks.storage.local.layout import FolderLayout
from telemetry_tasks.storage.local.sidecar import Sidecar, identity_of
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


class FolderObjectStore:
    """The objects below the folder ``root``, an absolute path."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._layout = FolderLayout(root)
        self._digests: dict[tuple[str, str], str] = {}

    @property
    def url(self) -> str:
        return f"folder://{self._root}"

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        with self._errors("listing", prefix):
            named = self._layout.keys_in_order(prefix, start_after)
            others = self._layout.other_keys(prefix, start_after)
            for key in heapq.merge(named, others, key=str.encode):
                info = self.head(key)
                if info is not None:  # otherwise it was deleted meanwhile
                    yield info

    def head(self, key: str) -> ObjectInfo | None:
        try:
            with self._errors("reading", key), self._opened(key) as (file, sidecar):
                return self._info(key, file, sidecar)
        except NotFound:
            return None

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        with self._errors("reading", key), self._opened(key) as (file, sidecar):
            body = file.read()
        etag = md5_of(body)
        if sidecar and sidecar.etag != etag:
            raise DamagedObject(f"{self.url}: {key} is damaged: its MD5 is {etag}, not {sidecar.etag}")
        self._match(key, etag, if_match)
        return StoredObject(key, body, etag, sidecar.headers if sidecar else PLAIN)

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        yield from self.open(key, if_match=if_match, chunk_size=chunk_size).pieces

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        with ExitStack() as stack:
            stack.enter_context(self._errors("reading", key))
            # the open file stays the same object, even if its key is replaced meanwhile
            file, sidecar = stack.enter_context(self._opened(key))
            info = self._info(key, file, sidecar)
            self._match(key, info.etag, if_match)
            start, end = span.within(info.size) if span else (0, info.size)
            md5 = sidecar.etag if sidecar and end - start == info.size else None
            pieces = self._pieces(stack.pop_all(), key, file, start, BodyCheck(end - start, md5, None), chunk_size)
        return OpenObject(info, sidecar.headers if sidecar else PLAIN, start, end, pieces)

    def _pieces(
        self, opened: ExitStack, key: str, file: BufferedReader, start: int, check: BodyCheck, chunk_size: int
    ) -> Generator[bytes, None, None]:
        with opened:
            file.seek(start)
            while piece := file.read(min(chunk_size, check.length - check.received)):
                check.take(piece)
                yield piece
            if damage := check.damage():
                raise DamagedObject(f"{self.url}: {key} is damaged: {damage}")

    def put(self, key: str, body: bytes, *, headers: Headers = PLAIN, only_if: Condition | None = None) -> str:
        etag = md5_of(body)
        sidecar = Sidecar(checked_key(key), etag, checked_headers(headers))
        # the body is written before the lock is taken, because that is slow
        with self._errors("writing", key), write_durably(self._layout.scratch(), body) as new, self._locked():
            there = self.head(key) if only_if is not None else None
            if isinstance(only_if, Absent) and there:
                raise PreconditionFailed(f"{self.url}: {key} exists already")
            if isinstance(only_if, Matches) and (there is None or there.etag != only_if.etag):
                raise PreconditionFailed(f"{self.url}: {key} is not {only_if.etag}")
            self._layout.replace(key, new, sidecar)
        return etag

    def copy(self, source: str, target: str) -> None:
        found = self.get(source)
        self.put(target, found.body, headers=found.headers)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            with self._errors("deleting", key), self._locked():
                self._layout.remove(checked_key(key))

    def now(self) -> datetime:
        return datetime.now(UTC)

    @contextmanager
    def _opened(self, key: str) -> Iterator[tuple[BufferedReader, Sidecar | None]]:
        """The body of ``key`` and its sidecar; None for a file of another program."""
        while True:
            path = self._layout.path_of(checked_key(key))
            if path is None:
                raise NotFound(f"{self.url}: no object {key}")
            with path.open("rb") as file:
                identity = identity_of(os.fstat(file.fileno()))
                sidecar = self._layout.sidecar(key, identity)
                # a sidecar is removed when its body is replaced, so a missing one only counts if the body still exists
                if sidecar or (path.exists() and identity_of(path.stat()) == identity):
                    yield file, sidecar
                    return

    def _info(self, key: str, file: BufferedReader, sidecar: Sidecar | None) -> ObjectInfo:
        facts = os.fstat(file.fileno())
        etag = sidecar.etag if sidecar else self._digest_of(key, file)
        return ObjectInfo(key, facts.st_size, etag, datetime.fromtimestamp(facts.st_mtime, UTC))

    def _digest_of(self, key: str, file: BufferedReader) -> str:
        """MD5 of a file of another program, cached until the file changes."""
        name = (key, identity_of(os.fstat(file.fileno())))
        if name not in self._digests:
            self._digests[name] = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            file.seek(0)
        return self._digests[name]

    def _match(self, key: str, etag: str, if_match: str | None) -> None:
        if if_match is not None and if_match != etag:
            raise PreconditionFailed(f"{self.url}: {key} is not {if_match} but {etag}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Allows one writer at a time, among all threads and processes; readers never wait."""
        with self._layout.lock_file().open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _errors(self, action: str, key: str) -> Iterator[None]:
        try:
            if not self._root.is_dir():
                raise OperatorError(f"{self.url}: there is no such folder: make it, or correct the URL")
            yield
        except FileNotFoundError as error:
            raise NotFound(f"{self.url}: no object {key}") from error
        except PermissionError as error:
            raise OperatorError(f"{self.url}: {action} {key} is not permitted: {error}") from error
        except OSError as error:
            raise InfrastructureError(f"{self.url}: {action} {key}: {error}") from error
