"""Folders of published documents: claimed and written once, by one writer, the manifest last."""

import contextlib
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from types import TracebackType
from typing import NamedTuple

from telemetry_tasks.core.chunks import chunks
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.documents import Document
from telemetry_tasks.formats.layouts.contract import MeasureFacts
from telemetry_tasks.formats.layouts.v1.manifest import MANIFEST, Manifest, manifest_document, read_manifest
from telemetry_tasks.formats.layouts.v1.names import claim_path
from telemetry_tasks.formats.stamps import parse_stamp, stamp
from telemetry_tasks.storage.objects import Absent, Condition, Headers, ObjectStore

COPIES = 8
"""Files that are copied in one piece of work."""

STAMPS_TRIED = 100


class Taken(Exception):
    """Another writer has the folder, or has written the file list, which readers may see already."""


class Remaining(NamedTuple):
    """What completes a folder: documents beside the measures, files to remove, files to copy from a ``source`` folder.

    Files have their size and SHA-256.
    """

    put: Mapping[str, Document]
    drop: list[str]
    copy: Mapping[str, tuple[int, str]]
    source: str


class Folder:
    """A folder being written below the published prefix by ``transfers`` threads. Wait before leaving it.

    One at a time needs no other thread: then each is done when it is asked for.

    ``files`` grows with what is in it. Errors of a transfer are raised by a later call, by ``wait`` at the latest.
    """

    def __init__(self, store: ObjectStore, path: str, transfers: int) -> None:
        self._store, self.path = store, path
        self._pool = ThreadPoolExecutor(transfers) if transfers > 1 else None
        self._most_under_way = 2 * max(1, transfers)
        self._under_way: deque[Future[None]] = deque()
        self.files: dict[str, tuple[int, str]] = {}
        self._claimed = False

    def put(self, documents: Mapping[str, Document]) -> None:
        """Writes the documents, without waiting for more than it takes to keep few of them in memory.

        One after the other: what is given together is one piece of work, as handing over costs as much as a small file.
        Claims the folder first. Raises ``Taken`` if another writer has it.
        """
        if not self._claimed:
            failpoint("publish.before-folder")
            if not claim(self._store, self.path):
                raise Taken
            self._claimed = True
            failpoint("publish.folder-claimed")
        self._start(self._put, documents)

    def create(self, documents: Mapping[str, Document]) -> None:
        """The same, of those that are not there: what another has written stays, and is not in ``files``."""
        self._start(self._create, documents)

    def complete(self, left: Remaining, tree: str, measures: Mapping[str, MeasureFacts]) -> None:
        """Does what is left and writes the manifest last: from then on the folder is whole.

        ``tree`` and ``measures`` as in ``Manifest``. Raises ``NotFound`` if a file that is copied is gone.
        """
        self.put(left.put)
        failpoint("publish.half-folder")
        self.wait()
        names = [name for name in left.drop if self.files.pop(name, None) is not None]
        if names:
            self._store.delete([f"{self.path}/{name}" for name in names])
        for some in chunks(left.copy.items(), COPIES):
            self._start(self._copy, left.source, some)
        self.wait()
        failpoint("publish.before-manifest")
        self._finish(Manifest(tree, measures, dict(sorted(self.files.items()))))
        failpoint("publish.after-manifest")

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        if self._pool is None:
            work(*arguments)
            return
        while len(self._under_way) >= self._most_under_way:
            self._under_way.popleft().result()
        self._under_way.append(self._pool.submit(work, *arguments))

    def _put(self, documents: Mapping[str, Document]) -> None:
        for name, document in documents.items():
            put_document(self._store, f"{self.path}/{name}", document)
            self.files[name] = document.facts

    def _create(self, documents: Mapping[str, Document]) -> None:
        for name, document in documents.items():
            with contextlib.suppress(PreconditionFailed):
                put_document(self._store, f"{self.path}/{name}", document, only_if=Absent())
                self.files[name] = document.facts

    def _copy(self, source: str, files: Iterable[tuple[str, tuple[int, str]]]) -> None:
        for name, facts in files:
            self._store.copy(f"{source}/{name}", f"{self.path}/{name}")
            self.files[name] = facts

    def wait(self) -> None:
        """Until all transfers are done. Raises the first one's error."""
        while self._under_way:
            self._under_way.popleft().result()

    def _finish(self, manifest: Manifest) -> None:
        """Writes the manifest.

        What was answered as done need not be, so each file is seen first. Raises ``InfrastructureError``.
        """
        if absent := absent_from(self._store, self.path, manifest):
            example = f"{self.path}/{absent[0]}"
            raise InfrastructureError(f"{len(absent)} files are not there as they were written, such as {example}")
        put_document(self._store, f"{self.path}/{MANIFEST}", manifest_document(manifest))

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def put_document(store: ObjectStore, key: str, document: Document, *, only_if: Condition | None = None) -> str:
    """Stores a published document under its headers; gives the ETag."""
    headers = Headers(document.content_type, "gzip", document.cache_control)
    return store.put(key, document.body, headers=headers, only_if=only_if)


def absent_from(store: ObjectStore, path: str, manifest: Manifest) -> list[str]:
    """Names of a folder's files that are not there, or not in their size."""
    root = f"{path}/"
    sizes = {info.key.removeprefix(root): info.size for info in store.list(root)}
    return [name for name, (size, _) in manifest.files.items() if sizes.get(name) != size]


def load_manifest(store: ObjectStore, path: str | None) -> Manifest | None:
    """The manifest of a complete folder; None if there is none."""
    if path is None:
        return None
    try:
        return read_manifest(store.get(f"{path}/{MANIFEST}").body)
    except NotFound:
        return None
    except DataError as error:
        raise DataError(error.reason, f"{path}/{MANIFEST}: {error.detail}") from error


def claim(store: ObjectStore, folder: str) -> bool:
    """Claims the folder for the caller. False if another writer has it, which may be running or dead.

    No two claims have the same bytes, so that the bytes tell whose write won.
    """
    body = secrets.token_hex(16).encode()
    try:
        store.put(claim_path(folder), body, headers=Headers("text/plain"), only_if=Absent())
    except PreconditionFailed:
        return False
    return True


def claim_stamp(store: ObjectStore, folder_of: Callable[[str], str], after: str) -> str:
    """A stamp later than ``after`` ("" for none) whose folder nobody else has. Raises ``DataError``."""
    moment = store.now()
    if after:
        moment = max(moment, parse_stamp(after) + timedelta(seconds=1))
    for _ in range(STAMPS_TRIED):
        if claim(store, folder_of(stamp(moment))):
            return stamp(moment)
        moment += timedelta(seconds=1)
    raise DataError("no-stamp", f"{STAMPS_TRIED} stamps from {stamp(moment)} back are taken: is a clock wrong?")


@contextlib.contextmanager
def retry_if_collected(what: str) -> Iterator[None]:
    """Runs a block that reads objects of snapshots. Raises ``InfrastructureError`` (retry) if one was collected.

    A reader that is paused for longer than the grace time may find its objects garbage-collected.
    """
    try:
        yield
    except NotFound as error:
        raise InfrastructureError(
            f"{what} was too slow: an object that it reads was garbage-collected: {error}"
        ) from error
