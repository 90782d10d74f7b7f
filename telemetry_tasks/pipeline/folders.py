"""Writing a channel/version's folder: once, by one writer, its manifest last."""

import hashlib
from collections.abc import Iterable, Mapping

from telemetry_tasks.errors import NotFound
from telemetry_tasks.formats.published import Document
from telemetry_tasks.formats.snapshot import MANIFEST, Manifest, manifest_document, read_manifest
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.stamps import claim
from telemetry_tasks.storage.objects import ObjectStore


class Folder:
    """A folder being written below the published prefix. ``files`` grows with what is in it."""

    def __init__(self, store: ObjectStore, path: str, transfers: int) -> None:
        self._store, self.path, self._transfers = store, path, transfers
        self.files: dict[str, tuple[int, str]] = {}

    def claim(self) -> bool:
        """Takes the folder for this writer alone. False where another has it."""
        return claim(self._store, self.path)

    def put(self, documents: Mapping[str, Document]) -> None:
        """Writes the documents."""

        def one(item: tuple[str, Document]) -> None:
            put_document(self._store, f"{self.path}/{item[0]}", item[1])

        for _ in in_parallel(one, documents.items(), self._transfers):
            pass
        self.files.update({name: facts_of(document) for name, document in documents.items()})

    def copy(self, source: str, files: Mapping[str, tuple[int, str]]) -> None:
        """Copies files from another folder inside the store."""

        def one(name: str) -> None:
            self._store.copy(f"{source}/{name}", f"{self.path}/{name}")

        for _ in in_parallel(one, files, self._transfers):
            pass
        self.files.update(files)

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest: from now on the folder is whole."""
        put_document(self._store, f"{self.path}/{MANIFEST}", manifest_document(manifest))


def put_document(
    store: ObjectStore, key: str, document: Document, *, if_match: str | None = None, new: bool = False
) -> str:
    """Stores a published document under its headers; gives the ETag."""
    return store.put(
        key,
        document.body,
        content_type=document.content_type,
        content_encoding="gzip",
        cache_control=document.cache_control,
        if_match=if_match,
        if_none_match=new,
    )


def facts_of(document: Document) -> tuple[int, str]:
    """Size in bytes and SHA-256, as manifests list them."""
    return len(document.body), hashlib.sha256(document.body).hexdigest()


def load_manifest(store: ObjectStore, path: str | None) -> Manifest | None:
    """The manifest of a whole folder; None where there is none."""
    if path is None:
        return None
    try:
        return read_manifest(store.get(f"{path}/{MANIFEST}").body)
    except NotFound:
        return None


def stale_files(folder: Manifest, keep: Iterable[str]) -> list[str]:
    """Files of the folder that are not among ``keep``."""
    return sorted(set(folder.files) - set(keep))
