"""The published index: which snapshot readers see, and the one atomic step that shows them another."""

from dataclasses import dataclass

from telemetry_tasks.core.plausible import Plausibility
from telemetry_tasks.errors import DamagedObject, DataError, NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.layouts.v1.index import INDEX, read_index
from telemetry_tasks.formats.layouts.v1.latest import LATEST, latest_document, read_current
from telemetry_tasks.formats.layouts.v1.names import CURRENT, snapshot_folder
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, paths_document, read_paths
from telemetry_tasks.pipeline.publish.folders import put_document
from telemetry_tasks.storage.objects import ObjectStore, still


@dataclass(frozen=True, slots=True)
class Current:
    """What readers see now: the index, and the ETag of what names it. Both empty before the first publish."""

    index: SnapshotIndex
    etag: str | None

    @property
    def stamp(self) -> str:
        """The snapshot's stamp; empty before the first publish."""
        return self.index.stamp


NOTHING = Current(SnapshotIndex(""), None)


def load_current(store: ObjectStore) -> Current:
    """What is published. Raises ``DataError`` if the top-level document names an object that does not exist."""
    try:
        found = store.get(LATEST)
    except NotFound:
        return NOTHING
    try:
        stamp = read_current(found.body)
    except DataError as error:
        raise DataError(error.reason, f"{LATEST}: {error.detail}") from error
    path = f"{snapshot_folder(stamp)}/{INDEX}"
    try:
        index = read_index(store.get(path).body)
    except NotFound as error:
        raise DataError("dangling-index", f"{LATEST} names snapshot {stamp}, which is not there") from error
    except DataError as error:
        raise DataError(error.reason, f"{path}: {error.detail}") from error
    return Current(index, found.etag)


def is_published(store: ObjectStore) -> bool:
    """Whether anything is, or was before its index went."""
    snapshots = (info.key for info in store.list(f"{CURRENT}/"))
    return store.head(LATEST) is not None or any(key.endswith(f"/{INDEX}") for key in snapshots)


def switch(store: ObjectStore, before: Current, index: SnapshotIndex, plausibility: Plausibility) -> bool:
    """Publishes ``index`` in place of ``before``, with what is implausible in it; False if another writer was first.

    ``latest-current.json`` is the commit; ``versions.json`` follows it, and is repaired by the next publish if a writer
    crashes in between.
    """
    document = latest_document(index, plausibility)
    try:
        put_document(store, LATEST, document, only_if=still(before.etag))
    except PreconditionFailed:
        return False
    failpoint("publish.after-switch")
    update_versions_json(store, index)
    failpoint("publish.after-follow")
    return True


def update_versions_json(store: ObjectStore, index: SnapshotIndex) -> None:
    """Makes ``versions.json`` name the snapshot that ``latest-current.json`` names, which is ``index``."""
    for _ in range(10):
        etag, paths = _versions(store)
        if paths == index.paths():
            return
        if load_current(store).stamp != index.stamp:
            return  # a newer one was switched to: its writer updates versions.json
        try:
            put_document(store, VERSIONS, paths_document(index), only_if=still(etag))
            return
        except PreconditionFailed:
            continue


def _versions(store: ObjectStore) -> tuple[str | None, dict[str, str] | None]:
    """The ETag of ``versions.json``, None if it does not exist, and its paths, None if it is damaged."""
    try:
        found = store.get(VERSIONS)
        return found.etag, read_paths(found.body)
    except (NotFound, DamagedObject, DataError):
        there = store.head(VERSIONS)
        return there.etag if there else None, None
