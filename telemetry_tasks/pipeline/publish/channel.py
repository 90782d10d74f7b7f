"""One channel/version of a snapshot: rendered and uploaded block by block, complete before an index names it."""

from telemetry_tasks.errors import InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.layouts.contract import ChannelFacts, MeasureFacts, VersionRef
from telemetry_tasks.formats.layouts.v1.file_list import file_list_document
from telemetry_tasks.formats.layouts.v1.names import channel_folder, files_path
from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.other_settings import ensure_same_settings
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.publish.changes import Changes
from telemetry_tasks.pipeline.publish.damage import note_damage
from telemetry_tasks.pipeline.publish.file_lists import file_list_of
from telemetry_tasks.pipeline.publish.folders import Folder, Taken, put_document
from telemetry_tasks.pipeline.publish.last_good import note_definitions
from telemetry_tasks.pipeline.publish.parts import all_parts, reported
from telemetry_tasks.pipeline.publish.render import Renderer
from telemetry_tasks.pipeline.publish.shown import ref_of
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import TRIES, compact
from telemetry_tasks.pipeline.state.recent_blocks import RecentBlocks
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import Absent
from telemetry_tasks.storage.state_values import Base


def write_channel_version(
    services: Services,
    state: ChannelState,
    root: str,
    previous: VersionRef | None,
    *,
    reuse: bool = True,
    parts: int = 1,
    deadline: Deadline | None = None,
) -> VersionRef | None:
    """Writes a channel/version below ``root``; with ``reuse`` an unchanged one keeps its previous folder.

    If ``parts`` were written before, their base is published, and the measures they reported are not written again.
    None if another writer has begun. Raises ``InfrastructureError`` if the base keeps changing, ``TooSlow`` if the
    ``deadline`` is over, ``OtherSettings`` if the state was built with settings other than those of this process.
    """
    recent = RecentBlocks()
    changes = Changes(services, previous)
    with Folder(services.published, channel_folder(root, state.name), services.options.transfers) as folder:
        if parts > 1:
            found = reported(services.published, root, state.name, all_parts(parts))
            changes.take(found)
            folder.files |= found.files
        writer = _Writer(services, state, folder, changes, previous, reuse, deadline)
        for tries in range(TRIES):
            # deltas that came after the parts' base would have everything rendered again; the next publish has them
            base = state.base() if parts > 1 and not tries else compact(state, recent, deadline)
            ensure_same_settings(services, state)  # after the base, or rows of other settings could be in it
            try:
                return writer.write(base, Renderer(services, state, base, recent), files_path(root, state.name))
            except BaseMoved:
                folder.wait()  # what was already written is kept if its cells are the same in the next base
            except Taken:
                return None
    raise InfrastructureError(f"{state.name}: the base keeps changing while it is read")


class _Writer:
    """Writes one base. What it has written of a base that moved on is what it need not write again."""

    def __init__(
        self,
        services: Services,
        state: ChannelState,
        folder: Folder,
        changes: Changes,
        previous: VersionRef | None,
        reuse: bool,
        deadline: Deadline | None,
    ) -> None:
        self._services, self._state, self._folder, self._changes = services, state, folder, changes
        self._previous, self._reuse, self._deadline = previous, reuse, deadline

    def write(self, base: Base, renderer: Renderer, list_path: str) -> VersionRef | None:
        """Writes the folder and the file list; what an index says of both. Raises ``BaseMoved``."""
        measures = self._write_measures(renderer, len(base.measures))
        volumes = {name: facts.volume for name, facts in measures.items()}
        files = file_list_of(self._services, self._state, base, renderer.populations, renderer.collapsed, volumes)
        path = self._complete(renderer, measures)
        try:
            put_document(self._services.published, list_path, file_list_document(files), only_if=Absent())
        except PreconditionFailed:  # the folder need not be written, so that nobody was asked whose it is
            raise Taken from None
        failpoint("publish.after-files")
        note_definitions(self._services, self._state.name, renderer.definitions.failure)
        return ref_of(self._services, self._state, base, renderer.definitions, path, list_path, files.health)

    def _write_measures(self, renderer: Renderer, number: int) -> dict[str, MeasureFacts]:
        """The facts of all measures; the documents of those that changed are on their way."""
        facts = {}
        for measure in counted(self._changes.measures(renderer), number, f"measures of {self._state.name}"):
            if self._deadline is not None:
                self._deadline.check(self._state.name)
            if measure.documents is not None:
                self._folder.put(measure.documents)
            facts[measure.name] = measure.facts
        return dict(sorted(facts.items()))

    def _complete(self, renderer: Renderer, measures: dict[str, MeasureFacts]) -> str | None:
        """The path of the complete folder; None if there is nothing to publish."""
        if not measures:
            return None
        populations = renderer.populations
        channel = ChannelFacts(self._state.name, populations.pings, populations.tree, measures)
        documents = self._services.layout.channel_documents(channel)
        left = self._changes.remaining(measures, documents, reuse=self._reuse)
        if left is None:
            return self._previous.path if self._previous else None
        try:
            self._folder.complete(left, populations.digest, measures)
        except NotFound as error:
            if self._previous is not None:  # the next publish renders what cannot be copied
                note_damage(self._services, self._previous, f"{self._state.name}: {error}")
            raise
        return self._folder.path
