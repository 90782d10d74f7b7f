"""Checks of what readers see: against its manifests, and against the state."""

import time
from collections.abc import Iterator, Mapping

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.errors import UNREADABLE, DamagedObject, NotFound
from telemetry_tasks.formats.documents import unpacked
from telemetry_tasks.formats.layouts.contract import ChannelFacts, VersionRef
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.names import snapshot_folder
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, read_paths
from telemetry_tasks.pipeline.inspect.published_rules import (
    Finding,
)
from telemetry_tasks.pipeline.publish.changes import Changes
from telemetry_tasks.pipeline.publish.current import Current, load_current
from telemetry_tasks.pipeline.publish.damage import note_damage
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.pipeline.publish.render import Renderer
from telemetry_tasks.pipeline.publish.shown import shown_files, shows
from telemetry_tasks.pipeline.publish.snapshot import snapshot_documents
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

LOOKS, PAUSE = 20, 0.5
"""How often, and after how many seconds, the files at the top are looked at again while they do not agree."""


def check_rendering(
    services: Services, state: ChannelState, base: Base, entries: list[LedgerEntry]
) -> Iterator[Finding]:
    """Compares the published snapshot with the state, if it was made from this state and not from an older one."""
    ref = load_current(services.published).index.versions.get(state.name)
    if ref is None or not shows(ref, services, state, base):
        return
    files = shown_files(services, ref)
    reports = [report for entry in entries for report in entry.reports]
    if files.processed != sorted(report.key for report in reports if report.error is None):
        yield Finding(ref.files, "the processed files are not those of the ledger")
    if files.missing != sorted((report.key, report.error) for report in reports if report.error is not None):
        yield Finding(ref.files, "the missing files are not those of the ledger")
    manifest = load_manifest(services.published, ref.path)
    if manifest is not None:
        try:
            renderer = Renderer(services, state, base)
            right = dict(_rendered(services, state.name, renderer))
        except BaseMoved:
            return  # by what was merged since: the published snapshot is of an older state
        if not renderer.definitions.complete:
            yield Finding(str(ref.path), "cannot be compared with the state: definitions are away")
            return
        for name in sorted(right.keys() | manifest.files.keys()):
            if right.get(name) != manifest.files.get(name):
                yield Finding(f"{ref.path}/{name}", "is not what the state gives")


def _rendered(services: Services, name: str, renderer: Renderer) -> Iterator[tuple[str, tuple[int, str]]]:
    """Size and SHA-256 of each file of a channel/version."""
    facts = {}
    for measure in Changes(services, None).measures(renderer):
        facts[measure.name] = measure.facts
        for file, document in (measure.documents or {}).items():
            yield file, document.facts
    populations = renderer.populations
    channel = ChannelFacts(name, populations.pings, populations.tree, dict(sorted(facts.items())))
    for file, document in services.layout.channel_documents(channel).items():
        yield file, document.facts


def check_newest_snapshot(services: Services) -> Iterator[Finding]:
    """Whether what readers see is whole: every file as its manifest says, one index, lists that agree."""
    current, follows = _current(services)
    if current.etag is None:
        return
    if not follows:
        yield Finding(VERSIONS, f"does not name the folders of snapshot {current.stamp}, which {LATEST} names")
    for name, ref in sorted(current.index.versions.items()):
        found = list(_check_folder(services, name, ref))
        if found:
            note_damage(services, ref, f"{found[0].where}: {found[0].what}")
        yield from found
    for document, right in snapshot_documents(services, current.index).items():
        path = f"{snapshot_folder(current.stamp)}/{document}"
        try:
            same = unpacked(services.published.get(path).body) == unpacked(right.body)
        except (*UNREADABLE, ValueError) as error:
            yield Finding(path, f"cannot be read: {error}")
            continue
        if not same:
            yield Finding(path, "is not what the channel/versions give together")


def _check_folder(services: Services, name: str, ref: VersionRef) -> Iterator[Finding]:
    try:
        shown_files(services, ref)
    except UNREADABLE as error:
        yield Finding(ref.files, f"cannot be read: {error}")
    try:
        manifest = load_manifest(services.published, ref.path)
    except UNREADABLE as error:
        yield Finding(f"{name}: snapshot", f"its manifest cannot be read: {error}")
        return
    if manifest is not None:
        yield from _check_files(services, ref, manifest.files)
    elif ref.path is not None:
        yield Finding(f"{name}: snapshot", "its manifest is gone")


def _current(services: Services) -> tuple[Current, bool]:
    """What readers see, and whether both files at the top name it: given time, as a switch writes them in turn."""
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE)
        current = load_current(services.published)
        if current.etag is None or read_paths(services.published.get(VERSIONS).body) == current.index.paths():
            return current, True
    return current, False


def _check_files(services: Services, ref: VersionRef, files: Mapping[str, tuple[int, str]]) -> Iterator[Finding]:
    for name, (size, digest) in files.items():
        try:
            body = services.published.get(f"{ref.path}/{name}").body
        except (NotFound, DamagedObject) as error:
            yield Finding(f"{ref.path}/{name}", "is gone" if isinstance(error, NotFound) else f"is damaged: {error}")
            continue
        if (len(body), digest_of(body)) != (size, digest):
            yield Finding(f"{ref.path}/{name}", "is not what was written")
