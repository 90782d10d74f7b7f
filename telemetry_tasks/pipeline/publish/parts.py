"""A large channel/version is rendered in parts by several tasks, each of them a head start and no more.

A part renders the changed measures of its blocks into the folder of the snapshot, and reports what it wrote in an
object of its own. It only creates files, and owns nothing: who completes the folder claims it, takes from the
reports what is of the base that it publishes, and writes the rest over whatever is there. So parts may be lost, come
twice or wake up late: they cost time, never a byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from telemetry_tasks.core.blocks import number_of_block
from telemetry_tasks.errors import NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.layouts.contract import MeasureFacts, VersionRef
from telemetry_tasks.formats.layouts.v1.manifest import Manifest, manifest_document, read_manifest
from telemetry_tasks.formats.layouts.v1.names import channel_folder, part_path
from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.other_settings import ensure_same_settings
from telemetry_tasks.pipeline.publish.changes import Changes
from telemetry_tasks.pipeline.publish.folders import Folder, put_document
from telemetry_tasks.pipeline.publish.populations import populations_of
from telemetry_tasks.pipeline.publish.render import Renderer
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import Absent, ObjectStore


@dataclass(frozen=True, slots=True)
class Part:
    """One of ``of`` parts, counted from 0."""

    number: int
    of: int

    def has(self, block: str) -> bool:
        """Whether the block of measures (``c00`` …) is this part's."""
        return number_of_block(block) % self.of == self.number

    def report(self, root: str, name: str) -> str:
        """The key of what it reports of a channel/version, below the snapshot's ``root``."""
        return part_path(root, name, self.number, self.of)


def all_parts(of: int) -> list[Part]:
    """All of them."""
    return [Part(number, of) for number in range(of)]


def number_of_parts(
    services: Services, state: ChannelState, previous: VersionRef | None, deadline: Deadline | None = None
) -> int:
    """The number of parts that the changes of a channel/version are worth splitting into, at least 1.

    Depends on the packed bytes of the blocks with changed measures. Compacts if that may be more than one part. Raises
    ``TooSlow`` if the ``deadline`` is over.
    """
    size = services.options.publish_part_bytes
    if sum(state.delta_bytes().values()) + sum(state.block_bytes(list(state.base().blocks)).values()) <= size:
        return 1
    base = compact(state, deadline=deadline)
    try:
        changed = Changes(services, previous).blocks(base, populations_of(services, state, base).digest)
    except BaseMoved:  # what is read next is read by one writer, until it stands still
        return 1
    return max(1, min(len(changed), -(-sum(state.block_bytes(sorted(changed)).values()) // size)))


def write_part(
    services: Services,
    state: ChannelState,
    root: str,
    previous: VersionRef | None,
    part: Part,
    deadline: Deadline | None = None,
) -> int:
    """Renders the changed measures of a part below ``root``; returns their number.

    Stops early if the base changes or the time is over.
    """
    ensure_same_settings(services, state)
    facts: dict[str, MeasureFacts] = {}
    with Folder(services.published, channel_folder(root, state.name), services.options.transfers) as folder:
        try:
            renderer = Renderer(services, state, state.base())
            for measure in Changes(services, previous).measures(renderer, part.has):
                if measure.documents is not None:
                    folder.create(measure.documents)
                    facts[measure.name] = measure.facts
                    failpoint("publish.half-part")
                if deadline is not None and deadline.is_over:
                    break
        except BaseMoved:
            pass  # the measures that are done may be those of the next base all the same
        folder.wait()
        files_of = services.layout.measure_files
        # whole is what has all files as this writer wrote them
        ours = {name: found for name, found in facts.items() if folder.files.keys() >= set(files_of(name))}
        files = {file: folder.files[file] for name in ours for file in files_of(name)}
    try:
        report = manifest_document(Manifest("", ours, files))
        put_document(services.published, part.report(root, state.name), report, only_if=Absent())
    except PreconditionFailed:
        return 0  # it was done before
    failpoint("publish.after-part")
    return len(ours)


def reported(store: ObjectStore, root: str, name: str, parts: Iterable[Part]) -> Manifest:
    """What the parts that came to their end have written of a channel/version."""
    measures: dict[str, MeasureFacts] = {}
    files: dict[str, tuple[int, str]] = {}
    for part in parts:
        try:
            found = read_manifest(store.get(part.report(root, name)).body)
        except NotFound:
            continue
        measures |= found.measures
        files |= found.files
    return Manifest("", measures, files)
