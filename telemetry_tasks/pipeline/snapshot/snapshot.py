"""Writes what counts now as a snapshot of layout 2: packs and manifests first, what names them last.

Objects are named by their bytes, so that writing one again is harmless, and what did not change is shared.
"""

from collections.abc import Mapping
from datetime import timedelta

import orjson

from telemetry_tasks.core.definitions import Definition, meaning_of
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound
from telemetry_tasks.formats.documents import NO_CACHE, Document, json_document, unpacked
from telemetry_tasks.formats.layouts.contract import FileList
from telemetry_tasks.formats.layouts.v1.file_list import file_list_document
from telemetry_tasks.formats.layouts.v1.file_names import missing_document, processed_document
from telemetry_tasks.formats.layouts.v1.filter_tree import filter_tree_value
from telemetry_tasks.formats.layouts.v1.health import health_document
from telemetry_tasks.formats.layouts.v1.histograms import definition_entry
from telemetry_tasks.formats.layouts.v1.measures import volume_entry
from telemetry_tasks.formats.layouts.v2 import names
from telemetry_tasks.formats.layouts.v2.from_tables import published_shape
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, MeasureEntry, PackRef, manifest_value
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
from telemetry_tasks.storage.objects import Headers, ObjectStore
from telemetry_tasks.storage.state_values import Base

PACK_HEADERS = Headers(cache_control="public, max-age=31536000, immutable")


def write_snapshot(services: Services, target: ObjectStore) -> Snapshot:
    """Writes all channel/versions into ``target``, and shows them there.

    Raises ``InfrastructureError`` if a base keeps changing, ``OtherSettings`` if a state was built with settings other
    than those of this process.
    """
    before = shown_now(target)
    stamp = _stamp_after(before, target)
    versions, lists = {}, {}
    for state in channel_states(services):
        versions[state.name], lists[state.name] = _write_version(services, state, target, stamp)
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
    snapshot = Snapshot(
        stamp,
        before.token + 1,
        versions,
        {name: _put(target, document) for name, document in documents.items()},
        plausibility.usual(records),
        implausible,
    )
    document = json_document(snapshot_value(snapshot))
    put_document(target, names.snapshot_path(stamp), document)
    put_document(target, names.LATEST, Document(document.body, cache_control=NO_CACHE))
    return snapshot


def shown_now(store: ObjectStore) -> Snapshot:
    """The snapshot that is shown; one without a stamp if there is none. Raises ``DataError`` ``bad-snapshot``."""
    try:
        body = store.get(names.LATEST).body
    except NotFound:
        return Snapshot("")
    try:
        return read_snapshot(orjson.loads(unpacked(body)))
    except (DataError, ValueError) as error:
        raise DataError("bad-snapshot", f"{names.LATEST}: {error}") from error


def _stamp_after(before: Snapshot, store: ObjectStore) -> str:
    """By the clock of the store, and later than the stamp of before."""
    now = stamp_of(store.now())
    if before.stamp and now <= before.stamp:
        return stamp_of(parse_stamp(before.stamp) + timedelta(seconds=1))
    return now


def _write_version(
    services: Services, state: ChannelState, target: ObjectStore, stamp: str
) -> tuple[ShownVersion, FileList]:
    for _ in range(TRIES):
        base = compact(state)
        ensure_same_settings(services, state)
        try:
            return _write_base(services, state, base, target, stamp)
        except BaseMoved:
            continue
    raise InfrastructureError(f"{state.name}: the base keeps changing while it is read")


def _write_base(
    services: Services, state: ChannelState, base: Base, target: ObjectStore, stamp: str
) -> tuple[ShownVersion, FileList]:
    populations = populations_of(services, state, base)
    packs = Packs(services, state, base, populations)
    ranges: dict[str, dict[str, PackRef]] = {}
    for range_, block, pack in packs:
        name = names.name_of(pack.body)
        target.put(names.pack_path(name), pack.body, headers=PACK_HEADERS)
        ranges.setdefault(range_, {})[block] = PackRef(name, len(pack.body), pack.head, "")
    definitions = UsedDefinitions(services.definitions, state.name)
    measures, volumes = {}, {}
    for name, measure in sorted(packs.measures.items()):
        definition = definitions.of(name, measure.newest) or meaning_of(name, measure.newest.shape, None)
        volumes[name] = measure.volume(definition.unknown)
        measures[name] = _measure(measure, definition, volume_entry(volumes[name]))
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
    digest = _put(target, json_document(manifest_value(manifest)), names.MANIFESTS) if measures else None
    version = ShownVersion(
        digest,
        _put(target, file_list_document(files)),
        populations.pings,
        dict.fromkeys(sorted(ranges), stamp),
        implausible=populations.outside,
    )
    return version, files


def _measure(measure: RenderedMeasure, definition: Definition, volume: Mapping[str, object]) -> MeasureEntry:
    newest = measure.newest
    shape = published_shape(newest.shape)
    number = measure.shapes.index(shape) if shape in measure.shapes else None
    about = {"build_id": newest.build_id, "revision": newest.revision, "shape": number}
    return MeasureEntry(definition_entry(definition), measure.shapes, about, volume)


def _put(store: ObjectStore, document: Document, folder: str = names.DOCUMENTS) -> str:
    name = names.name_of(document.body)
    put_document(store, f"{folder}/{name}", document)
    return name
