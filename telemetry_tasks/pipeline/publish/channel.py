"""One channel/version of a snapshot: rendered and uploaded block by block, complete before an index names it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import structlog

from telemetry_tasks.core.disclosure.health import health_of
from telemetry_tasks.errors import InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.pings.keys import ping_file_day
from telemetry_tasks.formats.published import Document, json_document
from telemetry_tasks.formats.snapshot import Manifest, MeasureFacts, VersionRef
from telemetry_tasks.pipeline.other_settings import ensure_same_settings
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.publish.damage import note_damage
from telemetry_tasks.pipeline.publish.folders import Folder, facts_of, load_manifest, put_document
from telemetry_tasks.pipeline.publish.parts import all_parts, measure_files, reported
from telemetry_tasks.pipeline.publish.publish_time import Deadline
from telemetry_tasks.pipeline.publish.render import (
    Measure,
    Renderer,
    shared_documents,
    small_cells,
    unknown_definitions,
)
from telemetry_tasks.pipeline.publish.shown_base import definitions_digest, shown_limits
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import TRIES, compact, ledger_entries
from telemetry_tasks.pipeline.state.recent_blocks import RecentBlocks
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

log = structlog.get_logger()


class _Taken(Exception):
    """Another writer has the folder, or has written the file list, which readers may see already."""


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
    path = f"{root}/{state.name}"
    with Folder(services.published, path, services.options.transfers) as folder:
        writer = _Writer(services, state, folder, previous, reuse, deadline)
        if parts > 1:
            writer.take(reported(services.published, root, state.name, all_parts(parts)))
        for tries in range(TRIES):
            # deltas that came after the parts' base would have everything rendered again; the next publish has them
            base = state.base() if parts > 1 and not tries else compact(state, writer.recent)
            ensure_same_settings(services, state)  # after the base, or rows of other settings could be in it
            try:
                return writer.write(base, f"{root}/files/{state.name}/files.json")
            except BaseMoved:
                folder.wait()  # what was already written is kept if its cells are the same in the next base
            except _Taken:
                return None
    raise InfrastructureError(f"{state.name}: the base keeps changing while it is read")


class _Writer:
    """Writes one base. What it has written of a base that moved on is what it need not write again."""

    def __init__(
        self,
        services: Services,
        state: ChannelState,
        folder: Folder,
        previous: VersionRef | None,
        reuse: bool,
        deadline: Deadline | None,
    ) -> None:
        self._deadline = deadline
        self._services, self._state, self._folder, self._reuse = services, state, folder, reuse
        self._previous = previous
        self._before = load_manifest(services.published, previous.path if previous else None)
        self._written: dict[str, MeasureFacts] = {}
        self.recent = RecentBlocks()

    def take(self, started: Manifest) -> None:
        """Counts what others have written into the folder as written."""
        self._written |= started.measures
        self._folder.files |= started.files

    def write(self, base: Base, files: str) -> VersionRef | None:
        """Writes the folder and the file list (to ``files``); returns their paths. Raises ``BaseMoved``."""
        before = self._before.measures if self._before else {}
        renderer = Renderer(self._services, self._state, base, {**before, **self._written}, self.recent)
        facts = self._measures(counted(renderer.measures(), len(base.measures), f"measures of {self._state.name}"))
        listed, health = self._file_list(base, renderer, facts)
        path = self._finished(renderer, facts)
        try:
            put_document(self._services.published, files, listed, new=True)
        except PreconditionFailed:  # the folder need not be written, so that nobody was asked whose it is
            raise _Taken from None
        failpoint("publish.after-files")
        again = "?" if renderer.incomplete else ""  # no base has this version: it counts as changed
        return VersionRef(
            path,
            files,
            self._state.epoch,
            f"{base.version or ''}{again}",
            shown_limits(self._services),
            definitions_digest(renderer.definitions.items()),
            health["pings"],
            health.get("implausible", {}),
        )

    def _measures(self, measures: Iterable[Measure]) -> dict[str, MeasureFacts]:
        """The facts of all measures; the documents of those that changed are on their way."""
        facts = {}
        for measure in measures:
            if self._deadline is not None:
                self._deadline.check(self._state.name)
            if measure.documents is not None:
                self._put(measure.documents)
                self._written[measure.name] = measure.facts
            facts[measure.name] = measure.facts
        return dict(sorted(facts.items()))

    def _put(self, documents: Mapping[str, Document]) -> None:
        if not self._folder.claimed:
            failpoint("publish.before-folder")
            if not self._folder.claim():
                raise _Taken
            failpoint("publish.folder-claimed")
        self._folder.put(documents)

    def _finished(self, renderer: Renderer, facts: dict[str, MeasureFacts]) -> str | None:
        """The path of the complete folder; None if there is nothing to publish."""
        if not facts:
            return None
        documents = shared_documents(self._state.name, renderer.populations, facts)
        if self._reuse and self._same_as_before(facts, documents):
            assert self._previous is not None
            return self._previous.path
        self._put(documents)
        failpoint("publish.half-folder")
        self._folder.drop([file for name in self._written if name not in facts for file in measure_files(name)])
        kept = [file for name in facts if name not in self._written for file in measure_files(name)]
        self._copy(kept)
        failpoint("publish.before-manifest")
        self._folder.finish(Manifest(renderer.populations.digest, facts, dict(sorted(self._folder.files.items()))))
        failpoint("publish.after-manifest")
        return self._folder.path

    def _copy(self, kept: list[str]) -> None:
        """Copies files that did not change from the folder of before, and waits for all transfers."""
        try:
            if kept:
                assert self._before is not None
                assert self._previous is not None
                assert self._previous.path is not None
                self._folder.copy(self._previous.path, {name: self._before.files[name] for name in kept})
            self._folder.wait()
        except NotFound as error:
            if self._previous is not None:  # the next publish renders what cannot be copied
                note_damage(self._services, self._previous, f"{self._state.name}: {error}")
            raise

    def _same_as_before(self, facts: dict[str, MeasureFacts], documents: dict[str, Document]) -> bool:
        if self._before is None or self._written:
            return False
        return set(facts) == set(self._before.measures) and all(
            self._before.files.get(name) == facts_of(document) for name, document in documents.items()
        )

    def _file_list(
        self, base: Base, renderer: Renderer, facts: Mapping[str, MeasureFacts]
    ) -> tuple[Document, dict[str, Any]]:
        """The list, and the health that is in it."""
        for part in renderer.collapsed:
            log.info("published as OTHER", channel_version=self._state.name, **asdict(part))
        entries = ledger_entries(self._state, base)
        reports = [report for entry in entries for report in entry.reports]
        missing = sorted([report.key, report.error] for report in reports if report.error is not None)
        health = {"small_cells": small_cells(facts)} | health_of(
            entries,
            unknown_definitions(facts),
            renderer.populations.builds,
            ping_file_day,
            renderer.collapsed,
            renderer.populations.outside,
            self._services.options.plausibility,
        )
        processed = sorted(report.key for report in reports if report.error is None)
        listed = json_document({"schema": 1, "processed": processed, "missing": missing, "health": health})
        return listed, health
