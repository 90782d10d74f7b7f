"""What changed of a channel/version since the folder that readers see.

The one place that decides whether a measure is the same as before. It knows the measures of the folder of before, and
those that were written into the new folder already, by parts of this publish or for a base that moved on.
"""

from collections.abc import Callable, Iterator, Mapping

from telemetry_tasks.core.blocks import block_of_measure
from telemetry_tasks.core.shapes import PINGS
from telemetry_tasks.formats.documents import Document
from telemetry_tasks.formats.layouts.contract import MeasureFacts, VersionRef
from telemetry_tasks.formats.layouts.v1.manifest import Manifest
from telemetry_tasks.pipeline.publish.folders import Remaining, load_manifest
from telemetry_tasks.pipeline.publish.render import Measure, Renderer
from telemetry_tasks.pipeline.publish.shown import shows_definitions
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.state_values import Base


class Changes:
    """``previous`` is the folder that readers see; None if there is none, or if it is not to be built on."""

    def __init__(self, services: Services, previous: VersionRef | None) -> None:
        self._services, self._previous = services, previous
        self._before = load_manifest(services.published, previous.path) if previous else None
        self._written: dict[str, MeasureFacts] = {}

    def measures(self, renderer: Renderer, wanted: Callable[[str], bool] = lambda block: True) -> Iterator[Measure]:
        """All measures of the wanted blocks, block by block; inside a block first those that did not change.

        Those have no documents: they exist. Raises as ``Renderer.rendered`` does.
        """
        for block, names in renderer.blocks():
            if wanted(block):
                same = {name: facts for name in names if (facts := self._same(renderer, name)) is not None}
                yield from (Measure(name, facts, None) for name, facts in same.items())
                if changed := [name for name in names if name not in same]:
                    before = self._before.measures if self._before else {}
                    for measure in renderer.rendered(block, changed, before):
                        yield measure
                        self._written[measure.name] = measure.facts  # who asks for the next one has sent its documents

    def _same(self, renderer: Renderer, name: str) -> MeasureFacts | None:
        before = self._written.get(name) or (self._before.measures.get(name) if self._before else None)
        return before if before is not None and renderer.would_give(name, before) else None

    def blocks(self, base: Base, tree: str) -> set[str]:
        """The blocks with measures that have other cells, or a filter tree of another digest, than before.

        All of them if the definitions changed: which of its measures that concerns is seen by rendering it.
        """
        before: Mapping[str, MeasureFacts] = {}
        if self._before is not None and self._previous is not None and self._before.tree == tree:
            before = self._before.measures if shows_definitions(self._previous, self._services) else {}
        return {
            block_of_measure(name)
            for name, cells in base.measures.items()
            if name != PINGS.measure and (name not in before or before[name].cells != cells)
        }

    def take(self, report: Manifest) -> None:
        """Counts what parts have written into the new folder as written."""
        self._written |= report.measures

    def remaining(
        self, measures: Mapping[str, MeasureFacts], documents: Mapping[str, Document], *, reuse: bool
    ) -> Remaining | None:
        """What makes a folder of these ``measures`` whole; ``documents`` are those beside the measures.

        None if the folder of before has exactly them and may be kept (``reuse``).
        """
        before = self._before or Manifest("")
        if (
            (reuse and self._before is not None and not self._written)
            and set(measures) == set(before.measures)
            and all(before.files.get(name) == document.facts for name, document in documents.items())
        ):
            return None
        kept = [file for name in measures if name not in self._written for file in self._files(name)]
        drop = [file for name in self._written if name not in measures for file in self._files(name)]
        path = self._previous.path if self._previous else None
        return Remaining(documents, drop, {file: before.files[file] for file in kept}, path or "")

    def _files(self, measure: str) -> list[str]:
        return list(self._services.layout.measure_files(measure))
