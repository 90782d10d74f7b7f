"""Recomputes and compares ping files, partial results, state, snapshot and checkpoint. Reports differences."""

import random
import time
from collections.abc import Callable, Iterator, Mapping

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.blocks import is_ledger_block, measure_digests
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.errors import UNREADABLE, DamagedObject, DataError, NotFound
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.documents import unpacked
from telemetry_tasks.formats.layouts.contract import ChannelFacts, VersionRef
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.names import snapshot_folder
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, read_paths
from telemetry_tasks.formats.ledger import decode_entries
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, with_these_settings
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.published_rules import (
    PUBLISH,
    Finding,
    check_published,
    fetcher,
    repaired_by,
)
from telemetry_tasks.pipeline.other_settings import other_settings, sentence
from telemetry_tasks.pipeline.publish.changes import Changes
from telemetry_tasks.pipeline.publish.current import Current, is_published, load_current
from telemetry_tasks.pipeline.publish.damage import note_damage
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.pipeline.publish.render import Renderer
from telemetry_tasks.pipeline.publish.shown import shown_files, shows
from telemetry_tasks.pipeline.publish.snapshot import snapshot_documents
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.recovery.saved import read_state
from telemetry_tasks.pipeline.results import load_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import consistent, ledger_entries
from telemetry_tasks.pipeline.state.rebuild import sum_of_base, sum_of_results
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

Progress = Callable[[str], None]
REPROCESS = "telemetry-tasks reprocess"
REBUILD = f"{REPROCESS} --from-results"
CHECKPOINT = "telemetry-tasks checkpoint"
LOOKS, PAUSE = 20, 0.5
"""How often, and after how many seconds, the files at the top are looked at again while they do not agree."""


def verify(
    services: Services, sample: float = 1.0, seed: int = 0, progress: Progress = lambda what: None
) -> Iterator[Finding]:
    """All findings. ``sample`` is the share of the partitions that are recomputed from their ping files."""
    choice = random.Random(seed)
    for state in channel_states(services):
        try:
            checks = _check_channel_version(services, state, lambda: choice.random() < sample, progress)
            yield from repaired_by(f"{REBUILD} {_of(state.name)}", checks)
        except UNREADABLE as error:
            yield Finding(f"{state.name}: state", f"cannot be read: {error}", f"{REBUILD} {_of(state.name)}")
    progress("snapshot")
    try:
        yield from repaired_by(PUBLISH, check_newest_snapshot(services))
    except UNREADABLE as error:
        yield Finding("snapshot", str(error), PUBLISH)
    progress("checkpoint")
    yield from repaired_by(CHECKPOINT, check_newest_checkpoint(services))
    progress("published rules")
    if is_published(services.published):
        yield from repaired_by(PUBLISH, check_published(fetcher(services.published, services.layout), services.layout))


def _of(name: str) -> str:
    """The options that name a channel/version."""
    channel, _, version = name.partition("/")
    return f"--channel {channel} --version {version}"


def _check_channel_version(
    services: Services, state: ChannelState, chosen: Callable[[], bool], progress: Progress
) -> Iterator[Finding]:
    progress(f"{state.name}: ledger")
    changed = other_settings(services, state)
    if changed is not None:
        yield Finding(f"{state.name}: settings", sentence(state.name, changed))
        return  # nothing of it can be computed again to compare with
    held: list[LedgerEntry] = []
    differing: set[str] = set()
    have: Cells | DataError = Cells()

    def read(base: Base) -> None:
        nonlocal have, differing
        held[:] = ledger_entries(state, base)
        differing = _differing(state, held)
        try:
            have = sum_of_base(state, base)
        except DataError as error:  # the rest can be checked all the same
            have = error

    base = consistent(state, read)
    if differing:
        yield Finding(f"{state.name}: ledger", "the base and the ledger do not hold the same partitions")
    yield from _check_counted_once(state, held)
    for entry in held:
        if chosen():
            progress(f"{state.name}: partition {entry.partition.id}")
            yield from repaired_by(f"{REPROCESS} {_of(state.name)}", _check_partition(services, entry))
    progress(f"{state.name}: state")
    if isinstance(have, DataError):
        yield Finding(f"{state.name}: state", str(have))
        return  # nothing can be rendered from it
    yield from _check_state(services, state, base, have, held)
    progress(f"{state.name}: snapshot")
    try:
        yield from repaired_by(PUBLISH, _check_rendering(services, state, base, held))
    except UNREADABLE as error:
        yield Finding(f"{state.name}: snapshot", f"cannot be compared with the state: {error}", PUBLISH)


def _differing(state: ChannelState, entries: list[LedgerEntry]) -> set[str]:
    """The partitions on which base and ledger disagree, without those of deltas committed during the comparison."""
    listed = {entry.partition.id: entry.digest for entry in entries}
    ledger = state.merged()
    differing = {id for id in listed.keys() | ledger.keys() if listed.get(id) != ledger.get(id)}
    if differing:  # deltas are read after the ledger: none that it counts can be missing while the base stays
        deltas = [delta_format.decode(body) for body in state.deltas().values()]
        differing -= {entry.partition.id for delta in deltas for entry in (*delta.added, *delta.removed)}
    return differing


def _check_counted_once(state: ChannelState, entries: list[LedgerEntry]) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in entries:
        for file in entry.partition.files:
            if file.key in seen:
                yield Finding(f"{state.name}: {file.key}", "counts in two partitions")
            seen.add(file.key)


def _check_partition(services: Services, entry: LedgerEntry) -> Iterator[Finding]:
    partition = entry.partition
    where = f"{partition.channel_version}: partition {partition.id}"
    try:
        stored = load_result(services.results, partition.channel_version, partition.id, entry.digest)
    except UNREADABLE as error:
        yield Finding(where, f"its partial result is not sound: {error}")
        return
    if any((report.error or "").startswith("gave-up") for report in entry.reports):
        return  # nothing to compare with: its files could not be read
    if with_these_settings(services, partition).id != partition.id:
        yield Finding(where, "was aggregated with other limits than those of the settings: reprocess it")
        return
    try:
        again = aggregate_files(services, partition)
    except DamagedObject as error:
        yield Finding(where, f"its ping files cannot be read any more: {error}")
        return
    if partial.encode(again) != partial.encode(stored.result):
        changed = [new.key for new, old in zip(again.files, stored.result.files, strict=False) if new != old]
        yield Finding(
            where, f"its ping files give another result now{': ' + ', '.join(changed[:3]) if changed else ''}"
        )


def _check_state(
    services: Services, state: ChannelState, base: Base, have: Cells, entries: list[LedgerEntry]
) -> Iterator[Finding]:
    try:
        right = sum_of_results(services, state.name, entries)
    except UNREADABLE:
        return  # said above, for the partition
    yield from (Finding(f"{state.name}: state", what) for what in _differences(have, right))
    digests = measure_digests(have, base.measures)
    for measure, digest in base.measures.items():
        if measure and digests.get(measure) != digest:
            yield Finding(f"{state.name}: state", f"the digest of {measure} is not that of its cells")


def _differences(have: Cells, right: Cells) -> Iterator[str]:
    difference = add_cells([have, right], [1, -1])
    for measure in sorted({run.measure for run in difference.runs}):
        yield f"{measure or 'the number of pings'} is not the sum of the partial results"


def _check_rendering(
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


def _check_files(services: Services, ref: VersionRef, files: Mapping[str, tuple[int, str]]) -> Iterator[Finding]:
    for name, (size, digest) in files.items():
        try:
            body = services.published.get(f"{ref.path}/{name}").body
        except (NotFound, DamagedObject) as error:
            yield Finding(f"{ref.path}/{name}", "is gone" if isinstance(error, NotFound) else f"is damaged: {error}")
            continue
        if (len(body), digest_of(body)) != (size, digest):
            yield Finding(f"{ref.path}/{name}", "is not what was written")


def check_newest_checkpoint(services: Services) -> Iterator[Finding]:
    """Whether the newest checkpoint is complete, and its state is the sum of the results that it names."""
    try:
        names = list_checkpoints(services.published)
    except UNREADABLE as error:
        yield Finding("checkpoints", f"their list is damaged: {error}")
        return
    if not names:
        return
    try:
        versions = read_state(services.published, names[-1], services.options.transfers)
    except UNREADABLE as error:
        yield Finding(f"checkpoint {names[-1]}", str(error))
        return
    for version, saved in versions.items():
        where = f"checkpoint {names[-1]}: {version}"
        entries = [e for name, body in saved.blocks.items() if is_ledger_block(name) for e in decode_entries(body)]
        have = add_cells(
            [cells_format.decode(body) for name, body in saved.blocks.items() if not is_ledger_block(name)]
        )
        try:
            right = sum_of_results(services, version, entries)
        except UNREADABLE as error:
            yield Finding(where, f"a partial result that it names is not sound: {error}")
            continue
        yield from (Finding(where, what) for what in _differences(have, right))
