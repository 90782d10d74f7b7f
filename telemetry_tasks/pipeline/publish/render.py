"""The folder of one channel/version: what changed is rendered, the rest is taken from an earlier folder."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from telemetry_tasks.core.blocks import block_of_measure
from telemetry_tasks.core.definitions import SIMPLE_PREFIX, Definition, meaning_of
from telemetry_tasks.core.digests import text_of
from telemetry_tasks.core.disclosure.suppression import suppress_small
from telemetry_tasks.core.histograms import SUMS, array_length, histogram_shape
from telemetry_tasks.core.plausible import ANY_BUILD
from telemetry_tasks.core.shapes import shape_in_tables
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.newest import NewestBuild, newest_shapes
from telemetry_tasks.core.views import only
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.formats.definitions import published as published_definition
from telemetry_tasks.formats.published import Document, json_document, measure_documents, measure_facts
from telemetry_tasks.formats.snapshot import MeasureFacts
from telemetry_tasks.pipeline.publish.measures import published_measures
from telemetry_tasks.pipeline.publish.populations import Populations, populations_of
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.pipeline.state.recent_blocks import RecentBlocks
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

log = structlog.get_logger()
RENDERING = "2"
"""Version of what is rendered; another one renders every measure again."""

MEASURE_FILES = ("by-build-date", "by-submission-date", "summary")


@dataclass(frozen=True)
class Measure:
    """A measure as published: its facts, and its documents if they had to be rendered."""

    name: str
    facts: MeasureFacts
    definition: Definition | None
    documents: Mapping[str, Document] | None


class Renderer:
    """Goes through the measures of a base. ``previous`` are those that are there already. Raises ``BaseMoved``."""

    def __init__(
        self,
        services: Services,
        state: ChannelState,
        base: Base,
        previous: Mapping[str, MeasureFacts],
        recent: RecentBlocks | None = None,
    ) -> None:
        self._services, self._state, self._base = services, state, base
        self._previous = previous
        self._recent = recent or RecentBlocks(0)
        self.populations = populations_of(services, state, base)
        self._shown, not_shown = published_measures(state, base, services.options.publish_limits.measures)
        self.collapsed = (*self.populations.collapsed, *not_shown)
        """What is not published as it is."""
        self.incomplete = False
        """Whether a definition was unavailable or changed: then everything has to be published again."""
        self.definitions: dict[str, str] = {}
        """The digests of the definition files that were used, by revision; empty if there is none."""

    def measures(self, wanted: Callable[[str], bool] = lambda block: True) -> Iterator[Measure]:
        """All measures of the wanted blocks, block by block; inside a block those that are kept first."""
        blocks: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._shown):
            blocks[block_of_measure(name)].append(name)
        for block, names in sorted((block, names) for block, names in blocks.items() if wanted(block)):
            kept = [measure for name in names if (measure := self._kept(name)) is not None]
            yield from kept
            done = {measure.name for measure in kept}
            changed = [name for name in names if name not in done]
            if changed:
                yield from self._rendered(block, changed)

    def _kept(self, name: str) -> Measure | None:
        before = self._previous.get(name)
        if before is None or before.cells != self._base.measures[name]:
            return None
        shape = histogram_shape(before.length - len(SUMS))
        facts, _ = self._facts(name, NewestBuild(before.build_id, shape, before.revision), before.facts)
        return Measure(name, before, None, None) if facts.input == before.input else None

    def _rendered(self, block: str, names: list[str]) -> Iterator[Measure]:
        body = blocks_of_base(self._state, self._base, [block])[block]
        wanted = set(names)
        cells = self._recent.unpacked(body)
        if any(run.measure not in wanted for run in cells.runs):
            cells = only(cells, lambda run: run.measure in wanted)
        newest = newest_shapes(cells, self.populations.plausible_builds)
        try:
            tables = Tables(cells, self.populations.where if self.populations.changes_anything else None, builds=False)
        except KeyError as error:
            raise self._without_pings(block, error) from error
        options, leaf_ids = self._services.options, self.populations.tree.leaf_ids
        for name in names:
            shapes = {shape_in_tables(run.shape) for run in cells.runs if run.measure == name}
            if not shapes:
                continue
            chosen = newest.get(name, NewestBuild("", max(shapes), ""))
            try:
                small = suppress_small(tables.table(name, chosen.shape), options.publish_limits.submissions)
                shown = measure_facts(small.table)
                if small.collapsed:
                    shown |= {"small_cells": small.collapsed, "left_out_cells": small.left_out}
                facts, definition = self._facts(name, chosen, shown)
                documents = measure_documents(small.table, leaf_ids, facts.definition, options.kernel)
            except KeyError as error:
                raise self._without_pings(name, error) from error
            yield Measure(name, facts, definition, documents)

    def _without_pings(self, what: str, population: KeyError) -> DataError:
        return DataError("bad-state", f"{self._state.name}: {population} has {what}, and no pings")

    def _facts(self, name: str, newest: NewestBuild, facts: dict[str, Any]) -> tuple[MeasureFacts, Definition]:
        definition = self._definition(name, newest)
        entry = published_definition(definition)
        if definition.unknown:
            facts = {**facts, "unknown_definition": True}
        cells = self._base.measures[name]
        odd = self.populations.plausible_builds
        text: tuple[str, ...] = (
            RENDERING,
            cells,
            self.populations.digest,
            text_of(newest),
            text_of(sorted(entry.items())),
        )
        text += () if odd == ANY_BUILD else (text_of(odd),)  # which may have had another build chosen
        digest = hashlib.sha256("\n".join(text).encode()).hexdigest()[:32]
        length = array_length(newest.shape)
        return MeasureFacts(cells, digest, newest.build_id, length, newest.revision, entry, facts), definition

    def _definition(self, name: str, newest: NewestBuild) -> Definition:
        """The definition; one made up from the shape while the source that may have it is away."""
        if name.startswith(SIMPLE_PREFIX):
            return meaning_of(name, newest.shape, None)
        try:
            file = self._services.definitions.file(newest.revision)
            digest = file.digest if file else ""
            if self.definitions.setdefault(newest.revision, digest) != digest:
                self.incomplete = True
            return meaning_of(name, newest.shape, file.definitions if file else None)
        except InfrastructureError as error:
            if not self.incomplete:
                log.warning("definitions are away", channel_version=self._state.name, reason=str(error))
            self.incomplete = True
            return meaning_of(name, newest.shape, None)


def shared_documents(name: str, populations: Populations, measures: Mapping[str, MeasureFacts]) -> dict[str, Document]:
    """The files of a channel/version that are not of one measure."""
    return {
        "filter-tree.json": json_document(populations.tree.document),
        "histograms.json": json_document({measure: facts.definition for measure, facts in measures.items()}),
        "revisions.json": json_document(
            {
                measure: {"revision": facts.revision, "buildId": facts.build_id, "length": facts.length + 1}
                for measure, facts in measures.items()
            }
        ),
        "measures.json": json_document(
            {
                "schema": 1,
                "channel_version": name,
                "pings": populations.pings,
                "measures": {measure: _index_entry(facts) for measure, facts in measures.items()},
            }
        ),
    }


def _index_entry(facts: MeasureFacts) -> dict[str, Any]:
    shown: dict[str, Any] = {
        key: facts.definition[key] for key in ("kind", "description", "original_kind") if key in facts.definition
    }
    return {**shown, **facts.facts}


def small_cells(measures: Mapping[str, MeasureFacts]) -> int:
    """Cells that were collapsed because they had too few submissions."""
    return sum(facts.facts.get("small_cells", 0) for facts in measures.values())


def unknown_definitions(measures: Mapping[str, MeasureFacts]) -> list[str]:
    """The measures whose definition is not known, or does not fit."""
    return [name for name, facts in measures.items() if facts.facts.get("unknown_definition")]
