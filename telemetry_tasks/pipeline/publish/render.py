"""From the cells of a base to the documents of measures."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from telemetry_tasks.core.blocks import block_of_measure
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.definitions import SIMPLE_PREFIX, Definition, meaning_of
from telemetry_tasks.core.digests import text_of
from telemetry_tasks.core.disclosure.suppression import suppress_small
from telemetry_tasks.core.disclosure.volume import volume_of
from telemetry_tasks.core.histograms import array_length, array_shape
from telemetry_tasks.core.plausible import ANY_BUILD
from telemetry_tasks.core.shapes import shape_in_tables
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.newest import NewestBuild, newest_shapes
from telemetry_tasks.core.views import only
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.formats.documents import Document
from telemetry_tasks.formats.layouts.contract import MeasureFacts
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.publish.populations import populations_of, published_measures
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.pipeline.state.recent_blocks import RecentBlocks
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as published: its facts, and its documents if they had to be rendered."""

    name: str
    facts: MeasureFacts
    documents: Mapping[str, Document] | None


class Renderer:
    """Renders measures of one base. Raises ``BaseMoved`` if there is another base by now."""

    def __init__(self, services: Services, state: ChannelState, base: Base, recent: RecentBlocks | None = None) -> None:
        self._services, self._state, self._base = services, state, base
        self._recent = recent or RecentBlocks(0)
        self.populations = populations_of(services, state, base)
        self._cells, not_shown = published_measures(state, base, services.options.publish_limits.most_measures)
        self.collapsed = (*self.populations.collapsed, *not_shown)
        """What is not published as it is."""
        self.definitions = UsedDefinitions(services.definitions, state.name)

    def blocks(self) -> list[tuple[str, list[str]]]:
        """The blocks, each with its measures that are published, both ascending."""
        blocks: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._cells):
            blocks[block_of_measure(name)].append(name)
        return sorted(blocks.items())

    def would_give(self, name: str, facts: MeasureFacts) -> bool:
        """Whether rendering the measure would give the documents that go with these facts."""
        if facts.cells != self._cells[name]:
            return False
        newest = NewestBuild(facts.build_id, array_shape(facts.length), facts.revision)
        definition, _ = self._definition(name, newest, facts)
        return facts.input == self._input(name, newest, definition)

    def rendered(self, block: str, names: list[str], before: Mapping[str, MeasureFacts]) -> Iterator[Measure]:
        """Measures of one block. Raises ``DataError`` if its cells do not go with the counting of pings.

        ``before`` is what was published of measures: their definitions stay if there are none to be had now.
        """
        cells = self._unpacked(block, names)
        newest = newest_shapes(cells, self.populations.plausible_builds)
        try:
            tables = Tables(cells, self.populations.where if self.populations.changes_anything else None, builds=False)
        except KeyError as error:
            raise self._without_pings(block, error) from error
        for name in names:
            shapes = {shape_in_tables(run.shape) for run in cells.runs if run.measure == name}
            if shapes:
                chosen = newest.get(name, NewestBuild("", max(shapes), ""))
                try:
                    yield self._measure(name, tables, chosen, before.get(name))
                except KeyError as error:
                    raise self._without_pings(name, error) from error

    def _unpacked(self, block: str, names: list[str]) -> Cells:
        """The cells of these measures."""
        wanted = set(names)
        cells = self._recent.unpacked(blocks_of_base(self._state, self._base, [block])[block])
        accepts = self._services.layout.accepts
        if all(run.measure in wanted and accepts(run) for run in cells.runs):
            return cells
        return only(cells, lambda run: run.measure in wanted and accepts(run))

    def _measure(self, name: str, tables: Tables, newest: NewestBuild, before: MeasureFacts | None) -> Measure:
        layout, options = self._services.layout, self._services.options
        small = suppress_small(tables.table(name, newest.shape), options.publish_limits.minimum_submissions)
        definition, unknown = self._definition(name, newest, before)
        facts = MeasureFacts(
            cells=self._cells[name],
            input=self._input(name, newest, definition),
            build_id=newest.build_id,
            length=array_length(newest.shape),
            revision=newest.revision,
            definition=definition,
            volume=volume_of(small, unknown),
        )
        leaf_ids = self.populations.tree.leaf_ids
        return Measure(name, facts, layout.measure_documents(small.table, leaf_ids, definition, options.kernel))

    def _definition(
        self, name: str, newest: NewestBuild, before: MeasureFacts | None
    ) -> tuple[Mapping[str, Any], bool]:
        """The definition as published, and whether it is unknown.

        If none can be had now, that of ``before``; without that, one made up from the shape.
        """
        meaning = self.definitions.of(name, newest)
        array = (array_length(newest.shape), newest.revision)
        if meaning is None and before is not None and (before.length, before.revision) == array:
            return before.definition, before.volume.unknown_definition
        meaning = meaning or meaning_of(name, newest.shape, None)
        return self._services.layout.definition(meaning), meaning.unknown

    def _input(self, name: str, newest: NewestBuild, definition: Mapping[str, Any]) -> str:
        """A digest of all that the measure's documents depend on."""
        odd = self.populations.plausible_builds
        text: tuple[str, ...] = (
            self._services.layout.rendering,
            self._cells[name],
            self.populations.digest,
            text_of(newest),
            text_of(sorted(definition.items())),
        )
        text += () if odd == ANY_BUILD else (text_of(odd),)  # which may have had another build chosen
        return hashlib.sha256("\n".join(text).encode()).hexdigest()[:32]

    def _without_pings(self, what: str, population: KeyError) -> DataError:
        return DataError("bad-state", f"{self._state.name}: {population} has {what}, and no pings")


class UsedDefinitions:
    """The definitions that a channel/version is rendered with, of each revision as they were first seen."""

    def __init__(self, sources: DefinitionSources, channel_version: str) -> None:
        self._sources, self._channel_version = sources, channel_version
        self.files: dict[str, str] = {}
        """The digest of the file of each revision; empty if there is none."""
        self.complete = True
        """False once a definition was away or changed: then everything has to be published again."""
        self.failure: InfrastructureError | DataError | None = None
        """Why definitions could not be used, if so."""

    def of(self, name: str, newest: NewestBuild) -> Definition | None:
        """The definition of a measure; None while the source that may have it is away or has no definition file."""
        if name.startswith(SIMPLE_PREFIX):
            return meaning_of(name, newest.shape, None)
        try:
            file = self._sources.file(newest.revision)
        except (InfrastructureError, DataError) as error:
            if self.failure is None:
                log.warning("definitions cannot be used", channel_version=self._channel_version, reason=str(error))
            self.failure, self.complete = error, False
            return None
        digest = file.digest if file else ""
        self.complete &= self.files.setdefault(newest.revision, digest) == digest
        return meaning_of(name, newest.shape, file.definitions if file else None)
