"""Definition files in an object store."""

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, NotFound
from telemetry_tasks.storage.definitions.contract import MAX_BYTES, names_for
from telemetry_tasks.storage.objects import ObjectStore


class PrefixDefinitions:
    """Reads ``<revision id>.Histograms.json`` or ``Histograms.json`` at the root of a store."""

    worth_caching = False

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @property
    def name(self) -> str:
        return self._store.url

    def fetch(self, revision: Revision | None) -> bytes:
        for name in names_for(revision):
            info = self._store.head(name)
            if info is None:
                continue
            if info.size > MAX_BYTES:
                raise DataError("definitions-too-large", name)
            return self._store.get(name).body
        raise NotFound(f"{self.name}: no definitions of {revision.id if revision else 'unnamed revisions'}")
