"""A large channel/version is rendered in parts by several tasks, each of them a head start and no more.

A part renders the changed measures of its blocks into the folder of the snapshot, and reports what it wrote in an
object of its own. It only creates files, and owns nothing: who completes the folder claims it, takes from the
reports what is of the base that it publishes, and writes the rest over whatever is there. So parts may be lost, come
twice or wake up late: they cost time, never a byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from telemetry_tasks.core.blocks import block_of_measure, number_of_block
from telemetry_tasks.core.shapes import PINGS
from telemetry_tasks.errors import NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.snapshot import Manifest, MeasureFacts, VersionRef, manifest_document, read_manifest
from telemetry_tasks.pipeline.other_settings import ensure_same_settings
from telemetry_tasks.pipeline.publish.folders import Folder, load_manifest, put_document
from telemetry_tasks.pipeline.publish.populations import populations_of
from telemetry_tasks.pipeline.publish.publish_time import Deadline
from telemetry_tasks.pipeline.publish.render import MEASURE_FILES, Renderer
from telemetry_tasks.pipeline.publish.shown_base import shows_definitions
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.state_values import Base


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
        return f"{root}/parts/{name}/{self.number}-of-{self.of}.json"


def all_parts(of: int) -> list[Part]:
    """All of them."""
    return [Part(number, of) for number in range(of)]


def number_of_parts(services: Services, state: ChannelState, previous: VersionRef | None) -> int:
    """The number of parts that the changes of a channel/version are worth splitting into, at least 1.

    Depends on the packed bytes of the blocks with changed measures. Compacts if that may be more than one part.
    """
    size = services.options.publish_part_bytes
    if state.delta_bytes() + sum(state.block_bytes(list(state.base().blocks)).values()) <= size:
        return 1
    base = compact(state)
    try:
        changed = changed_blocks(services, state, base, previous)
    except BaseMoved:  # what is read next is read by one writer, until it stands still
        return 1
    return max(1, min(len(changed), -(-sum(state.block_bytes(sorted(changed)).values()) // size)))


def changed_blocks(services: Services, state: ChannelState, base: Base, previous: VersionRef | None) -> set[str]:
    """The blocks with measures that have other cells, or other filter ids, than in the folder of before.

    All of them if the definitions changed: which of its measures that concerns is seen by rendering it.
    """
    before = load_manifest(services.published, previous.path if previous else None)
    kept: dict[str, str] = {}
    same = previous is not None and shows_definitions(previous, services)
    if before is not None and same and before.tree == populations_of(services, state, base).digest:
        kept = {name: facts.cells for name, facts in before.measures.items()}
    return {
        block_of_measure(name)
        for name, digest in base.measures.items()
        if name != PINGS.measure and kept.get(name) != digest
    }


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
    before = load_manifest(services.published, previous.path if previous else None)
    facts: dict[str, MeasureFacts] = {}
    with Folder(services.published, f"{root}/{state.name}", services.options.transfers) as folder:
        try:
            renderer = Renderer(services, state, state.base(), before.measures if before else {})
            for measure in renderer.measures(part.has):
                if measure.documents is not None:
                    folder.create(measure.documents)
                    facts[measure.name] = measure.facts
                    failpoint("publish.half-part")
                if deadline is not None and deadline.is_over:
                    break
        except BaseMoved:
            pass  # the measures that are done may be those of the next base all the same
        folder.wait()
        ours = {name: found for name, found in facts.items() if _is_whole(name, folder)}
        files = {file: folder.files[file] for name in ours for file in measure_files(name)}
    try:
        report = manifest_document(Manifest("", ours, files))
        put_document(services.published, part.report(root, state.name), report, new=True)
    except PreconditionFailed:
        return 0  # it was done before
    failpoint("publish.after-part")
    return len(ours)


def _is_whole(measure: str, folder: Folder) -> bool:
    """Whether all files of the measure are there as this writer wrote them."""
    return all(file in folder.files for file in measure_files(measure))


def measure_files(measure: str) -> list[str]:
    """The names of a measure's files."""
    return [f"{measure}-{suffix}.json" for suffix in MEASURE_FILES]


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
