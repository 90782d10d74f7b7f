"""Missing or damaged published documents: found by publishing and by ``verify``, and written again.

The folder of a channel/version never changes. Damage to it is noted by its path, and the next publish renders the
channel/version into a new folder. The lists beside the folders always have the same bytes, so they are restored in
place.
"""

import structlog

from telemetry_tasks.errors import UNREADABLE
from telemetry_tasks.formats.layouts.contract import SnapshotIndex, VersionRef
from telemetry_tasks.formats.layouts.v1.file_names import MISSING, PROCESSED, read_missing, read_processed
from telemetry_tasks.formats.layouts.v1.health import HEALTH
from telemetry_tasks.formats.layouts.v1.manifest import MANIFEST
from telemetry_tasks.formats.layouts.v1.names import snapshot_folder
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.publish.current import Current
from telemetry_tasks.pipeline.publish.folders import absent_from, load_manifest
from telemetry_tasks.pipeline.publish.shown import shown_files
from telemetry_tasks.pipeline.services import Services

log = structlog.get_logger()
EVERY = 60.0
"""Seconds between two looks of the periodic publish at the same folders."""

REMEMBERED = 30 * 86400.0
"""Seconds for which damage is remembered: until it is written again, or as long as somebody may look."""

DOCUMENTS = (VERSIONS, HEALTH, PROCESSED, MISSING)
"""Those beside the folders; the index is read before they are looked for."""


def note_damage(services: Services, ref: VersionRef, what: str) -> None:
    """Remembers that the folder, or the file list, of a channel/version has to be written again."""
    log.error("a published document is gone or damaged", folder=ref.path, files=ref.files, what=what)
    services.state.set_note(_note(ref), what.encode(), REMEMBERED)


def damage_of(services: Services, ref: VersionRef) -> str | None:
    """What is known to be wrong; None if nothing is."""
    note = services.state.note(_note(ref))
    return None if note is None else note.decode()


def intact_previous(services: Services, index: SnapshotIndex, name: str) -> VersionRef | None:
    """The published folder of a channel/version, for reuse of its documents; None if any of them is damaged."""
    ref = index.versions.get(name)
    return None if ref is None or damage_of(services, ref) is not None else ref


def look_for_damage(services: Services, index: SnapshotIndex) -> None:
    """Lists what the index names, and remembers what is not there as its manifest says."""
    for name, ref in sorted(index.versions.items()):
        if damage_of(services, ref) is None and (what := _fault(services, ref)):
            note_damage(services, ref, f"{name}: {what}")


def lost_lists(services: Services, index: SnapshotIndex) -> bool:
    """Whether a document beside the folders is gone, which is put back in its place."""
    root = snapshot_folder(index.stamp)
    return any(services.published.head(f"{root}/{name}") is None for name in DOCUMENTS)


def known_files(services: Services, current: Current, name: str) -> set[str]:
    """The published ping files of a channel/version; from the lists of all if its own list cannot be read."""
    ref = current.index.versions.get(name)
    if ref is None:
        return set()
    try:
        return shown_files(services, ref).known
    except UNREADABLE:
        return _listed(services, current.stamp, name)


def _listed(services: Services, stamp: str, name: str) -> set[str]:
    found: set[str] = set()
    for document, reader in ((PROCESSED, read_processed), (MISSING, read_missing)):
        try:
            keys = reader(services.published.get(f"{snapshot_folder(stamp)}/{document}").body)
        except UNREADABLE:
            continue
        found |= {key for key in keys if _is_of(services, key, name)}
    return found


def _is_of(services: Services, key: str, name: str) -> bool:
    try:
        return services.file_key(key).channel_version == name
    except UNREADABLE:
        return False


def _fault(services: Services, ref: VersionRef) -> str | None:
    try:
        shown_files(services, ref)
        manifest = load_manifest(services.published, ref.path)
    except UNREADABLE as error:
        return str(error)
    if ref.path is None:
        return None
    if manifest is None:
        return f"{ref.path}/{MANIFEST} is gone"
    absent = absent_from(services.published, ref.path, manifest)
    return f"{len(absent)} documents of {ref.path} are gone or cut, such as {absent[0]}" if absent else None


def _note(ref: VersionRef) -> str:
    return f"damaged:{ref.path}:{ref.files}"
