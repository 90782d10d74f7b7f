"""Writes what counts now as a snapshot of layout 2: packs and manifests first, what names them last.

Objects are named by their bytes: to write one again is harmless, and what the snapshot that is shown names is not
written again. Only ``latest.json`` is replaced, and only while it is what the writer began with: so two writers at
once, a late one and a dead one do no harm.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import structlog

from telemetry_tasks.core.definitions import meaning_of
from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.formats.documents import NO_CACHE, Document, json_document, read_json, unpacked
from telemetry_tasks.formats.layouts.contract import FileList
from telemetry_tasks.formats.layouts.v1.file_list import file_list_document
from telemetry_tasks.formats.layouts.v1.file_names import missing_document, processed_document
from telemetry_tasks.formats.layouts.v1.filter_tree import filter_tree_value
from telemetry_tasks.formats.layouts.v1.health import health_document
from telemetry_tasks.formats.layouts.v1.histograms import definition_entry
from telemetry_tasks.formats.layouts.v1.measures import volume_entry
from telemetry_tasks.formats.layouts.v2 import names
from telemetry_tasks.formats.layouts.v2.from_tables import published_shape
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, MeasureEntry, PackRef, manifest_value, read_manifest
from telemetry_tasks.formats.layouts.v2.snapshot import ShownVersion, Snapshot, read_snapshot, snapshot_value
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.formats.stamps import stamp as stamp_of
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.other_settings import ensure_same_settings
from telemetry_tasks.pipeline.publish.file_lists import file_list_of
from telemetry_tasks.pipeline.publish.folders import put_document
from telemetry_tasks.pipeline.publish.populations import populations_of
from telemetry_tasks.pipeline.publish.render import UsedDefinitions
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.snapshot.packs import Packs, RenderedMeasure
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import TRIES, compact
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import Absent, Headers, ObjectStore, still
from telemetry_tasks.storage.state_values import Base

log = structlog.get_logger()

PACK_HEADERS = Headers(cache_control="public, max-age=31536000, immutable")


def write_snapshot(services: Services, target: ObjectStore) -> Snapshot:
    """Writes all channel/versions into ``target``, and shows them there.

    Begins again if another writer shows its snapshot first. Raises ``InfrastructureError`` if that, or a base, happens
    again and again; ``OtherSettings`` if a state was built with settings other than those of this process.
    """
    begun = ""
    for _ in range(TRIES):
        before, etag = shown_now(target)
        begun = _stamp_after(max(begun, before.stamp), target)
        written = _write(services, target, before, begun)
        document = json_document(snapshot_value(written))
        try:
            # a writer that is at work, or died, may have the stamp: what it shows under it is never replaced
            put_document(target, names.snapshot_path(begun), document, only_if=Absent())
            put_document(target, names.LATEST, replace(document, cache_control=NO_CACHE), only_if=still(etag))
            return written
        except PreconditionFailed:
            continue
    raise InfrastructureError(f"{target.url}: other writers show snapshots all the time")


def _write(services: Services, target: ObjectStore, before: Snapshot, stamp: str) -> Snapshot:
    """Writes all that the snapshot names."""
    versions, lists = {}, {}
    for state in channel_states(services):
        writer = _Version(services, state, target, before.versions.get(state.name), stamp)
        versions[state.name], lists[state.name] = writer.write()
    plausibility = services.options.plausibility
    records = {name: version.records for name, version in versions.items() if version.manifest is not None}
    outliers = plausibility.of_versions(records)
    dates = {name: version.implausible for name, version in versions.items() if version.implausible}
    implausible = {key: dict(value) for key, value in (("versions", outliers), ("dates", dates)) if value}
    documents = {
        names.PROCESSED: processed_document(key for files in lists.values() for key in files.processed),
        names.MISSING: missing_document(each for files in lists.values() for each in files.missing),
        names.HEALTH: health_document({name: each.health for name, each in lists.items() if each.known}, outliers),
    }
    there = set(before.documents.values())
    return Snapshot(
        stamp,
        before.token + 1,
        versions,
        {name: _put(target, document, there) for name, document in documents.items()},
        plausibility.usual(records),
        implausible,
    )


def shown_now(store: ObjectStore) -> tuple[Snapshot, str | None]:
    """The snapshot that is shown, and its ETag; one without a stamp, and None, if there is none.

    Raises ``DataError`` ``bad-snapshot``.
    """
    try:
        found = store.get(names.LATEST)
    except NotFound:
        return Snapshot(""), None
    try:
        return read_snapshot(orjson.loads(unpacked(found.body))), found.etag
    except (DataError, ValueError) as error:
        raise DataError("bad-snapshot", f"{names.LATEST}: {error}") from error


def _stamp_after(before: str, store: ObjectStore) -> str:
    """By the clock of the store, and later than the stamp ``before``; that may be empty."""
    now = stamp_of(store.now())
    if before and now <= before:
        return stamp_of(parse_stamp(before) + timedelta(seconds=1))
    return now


class _Version:
    """Writes one channel/version; ``shown`` is what the snapshot of before has of it."""

    def __init__(
        self, services: Services, state: ChannelState, target: ObjectStore, shown: ShownVersion | None, stamp: str
    ) -> None:
        self._services, self._state, self._target = services, state, target
        self._shown, self._stamp = shown, stamp
        self._before = _manifest(target, shown.manifest) if shown and shown.manifest else None

    def write(self) -> tuple[ShownVersion, FileList]:
        """Compacts the state, and writes what is not there. Raises as ``write_snapshot`` does."""
        for _ in range(TRIES):
            base = compact(self._state)
            ensure_same_settings(self._services, self._state)
            try:
                return self._write_base(base)
            except BaseMoved:
                continue
        raise InfrastructureError(f"{self._state.name}: the base keeps changing while it is read")

    def _write_base(self, base: Base) -> tuple[ShownVersion, FileList]:
        services, state, target = self._services, self._state, self._target
        populations = populations_of(services, state, base)
        packs = Packs(services, state, base, populations, self._before)
        ranges: dict[str, dict[str, PackRef]] = {}
        for pack in packs:
            if pack.body is not None:
                target.put(names.pack_path(pack.ref.pack), pack.body, headers=PACK_HEADERS)
            ranges.setdefault(pack.range, {})[pack.block] = pack.ref
        measures, volumes = self._measures(packs)
        collapsed = (*populations.collapsed, *packs.not_shown)
        files = file_list_of(services, state, base, populations, collapsed, volumes)
        manifest = Manifest(
            channel_version=state.name,
            records=populations.pings,
            dimensions=services.format_of(state.name).dimensions,
            tree=filter_tree_value(populations.tree),
            populations={names.table_id(packs.table): packs.table},
            blocks=packs.blocks,
            measures=measures,
            ranges=ranges,
        )
        there = {self._shown.files, self._shown.manifest if self._before else None} if self._shown else set()
        digest = _put(target, json_document(manifest_value(manifest)), there, names.MANIFESTS) if measures else None
        version = ShownVersion(
            digest,
            _put(target, file_list_document(files), there),
            populations.pings,
            {name: self._as_of(name, packs) for name, packs in sorted(ranges.items())},
            implausible=populations.outside,
        )
        return version, files

    def _measures(self, packs: Packs) -> tuple[dict[str, MeasureEntry], dict[str, Volume]]:
        """The measures of the manifest, and how much is shown of each."""
        definitions = UsedDefinitions(self._services.definitions, self._state.name)
        measures, volumes = {}, {}
        for name, measure in sorted(packs.measures.items()):
            definition, unknown = self._definition(name, measure, definitions)
            volumes[name] = replace(measure.volume, unknown_definition=unknown)
            measures[name] = MeasureEntry(definition, measure.shapes, _about(measure), volume_entry(volumes[name]))
        return measures, volumes

    def _definition(
        self, name: str, measure: RenderedMeasure, definitions: UsedDefinitions
    ) -> tuple[Mapping[str, Any], bool]:
        """The definition as published, and whether it is unknown; if none can be had now, that of before."""
        found = definitions.of(name, measure.newest)
        before = self._before.measures.get(name) if self._before else None
        if found is None and before is not None and _same_build(before, measure):
            return before.definition, "unknown_definition" in before.volume
        found = found or meaning_of(name, measure.newest.shape, None)
        return definition_entry(found), found.unknown

    def _as_of(self, name: str, packs: Mapping[str, PackRef]) -> str:
        """The stamp of the first snapshot that showed the range as it is."""
        before = self._before.ranges.get(name, {}) if self._before else {}
        same = {block: ref.pack for block, ref in before.items()} == {block: ref.pack for block, ref in packs.items()}
        return self._shown.as_of.get(name, self._stamp) if same and self._shown else self._stamp


def _manifest(store: ObjectStore, digest: str) -> Manifest | None:
    """A manifest; None if it is away or damaged: then everything is written again."""
    try:
        return read_manifest(read_json(store.get(names.manifest_path(digest)).body))
    except (NotFound, DataError) as error:
        log.warning("the manifest that is shown cannot be read: written again", manifest=digest, reason=str(error))
        return None


def _about(measure: RenderedMeasure) -> dict[str, Any]:
    newest = measure.newest
    shape = published_shape(newest.shape)
    number = measure.shapes.index(shape) if shape in measure.shapes else None
    return {"build_id": newest.build_id, "revision": newest.revision, "shape": number}


def _same_build(before: MeasureEntry, measure: RenderedMeasure) -> bool:
    """Whether a definition of before goes with the measure: the revision and the shape are the same."""
    about = _about(measure)
    number, known = about["shape"], before.newest["shape"]
    if number is None or known is None or before.newest["revision"] != about["revision"]:
        return False
    return before.shapes[known] == measure.shapes[number]


def _put(store: ObjectStore, document: Document, there: Collection[str | None], folder: str = names.DOCUMENTS) -> str:
    """Writes a document under its name unless it is ``there``."""
    name = names.name_of(document.body)
    if name not in there:
        put_document(store, f"{folder}/{name}", document)
    return name
