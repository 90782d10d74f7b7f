"""Definition files in an object store."""

import zlib
from collections.abc import Iterator
from contextlib import suppress

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, NotFound
from telemetry_tasks.storage.definitions.contract import EVERY_REVISION, MAX_BYTES, names_for
from telemetry_tasks.storage.objects import ObjectStore


class PrefixDefinitions:
    """Reads ``<revision id>.Histograms.json`` or ``Histograms.json`` at the root of a store."""

    worth_caching = False

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @property
    def name(self) -> str:
        return self._store.url

    def names(self) -> Iterator[str]:
        for info in self._store.list():
            if info.key.endswith(EVERY_REVISION) and "/" not in info.key:
                yield info.key

    def read(self, name: str) -> bytes:
        info = self._store.head(name)
        if info is None:
            raise NotFound(f"{self.name}: there is no {name}")
        if info.size > MAX_BYTES:
            raise DataError("definitions-too-large", name)
        stored = self._store.get(name)
        return _unpacked(stored.body, name) if stored.headers.content_encoding == "gzip" else stored.body

    def fetch(self, revision: Revision | None) -> bytes:
        for name in names_for(revision):
            with suppress(NotFound):
                return self.read(name)
        raise NotFound(f"{self.name}: no definitions of {revision.id if revision else 'unnamed revisions'}")


def _unpacked(body: bytes, name: str) -> bytes:
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = decoder.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise DataError("definitions-not-gzip", name) from error
    if len(plain) > MAX_BYTES:
        raise DataError("definitions-too-large", name)
    return plain
