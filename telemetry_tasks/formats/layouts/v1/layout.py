"""Layout 1 as a whole: which documents there are, of a measure, of a channel/version and of a snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from telemetry_tasks.core import shapes
from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.core.histograms import SUMS
from telemetry_tasks.core.kinds_of_date import KINDS_OF_DATE
from telemetry_tasks.core.shapes import Run
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats import published_paths
from telemetry_tasks.formats.documents import JSON, TEXT, Document
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.layouts.contract import ChannelFacts, Fault, Fetch, PublishedLayout, SnapshotFacts
from telemetry_tasks.formats.layouts.v1.checks import faults
from telemetry_tasks.formats.layouts.v1.file_names import MISSING, PROCESSED, missing_document, processed_document
from telemetry_tasks.formats.layouts.v1.filter_tree import FILTER_TREE, filter_tree_document
from telemetry_tasks.formats.layouts.v1.health import HEALTH, health_document
from telemetry_tasks.formats.layouts.v1.histograms import HISTOGRAMS, definition_entry, histograms_document
from telemetry_tasks.formats.layouts.v1.index import INDEX, index_document
from telemetry_tasks.formats.layouts.v1.measures import MEASURES, measures_document
from telemetry_tasks.formats.layouts.v1.names import measure_file
from telemetry_tasks.formats.layouts.v1.revisions import REVISIONS, revisions_document
from telemetry_tasks.formats.layouts.v1.rows_by_date import rows_documents
from telemetry_tasks.formats.layouts.v1.summary import SUMMARY, summary_document
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, names_document

RENDERING = "2"
"""Version of what is rendered; another one renders every measure again."""


class Layout1:
    """The documents of layout 1."""

    rendering = RENDERING

    def accepts(self, run: Run) -> bool:
        """Whether the columns are an array's: buckets, the five sums, the pings."""
        shape = run.shape
        is_array = (shape.axis.kind, shape.sums, shape.counts) == (shapes.INDEX, SUMS, (shapes.PING_COUNT,))
        return is_array and (run.key, run.page) == ("", 0)

    def definition(self, definition: Definition) -> dict[str, Any]:
        """The definition as it is published."""
        return definition_entry(definition)

    def measure_files(self, measure: str) -> Sequence[str]:
        """The names of a measure's documents."""
        return [measure_file(measure, suffix) for suffix in (*KINDS_OF_DATE, SUMMARY)]

    def measure_documents(
        self,
        table: Table,
        leaf_ids: Mapping[tuple[str, ...], int],
        definition: Mapping[str, Any],
        kernel: str = AUTO,
    ) -> dict[str, Document]:
        """A document of rows for each kind of date, and the summary."""
        of_population = np.array([leaf_ids[population] for population in table.index.populations], np.int64)
        ids = of_population[table.index.population]
        rows = rows_documents(table, ids, kernel)
        summary = summary_document(table, ids, definition, kernel)
        return {
            measure_file(table.measure, suffix): document for suffix, document in {**rows, SUMMARY: summary}.items()
        }

    def channel_documents(self, channel: ChannelFacts) -> dict[str, Document]:
        """Filter tree, definitions, newest builds and the index of measures."""
        return {
            FILTER_TREE: filter_tree_document(channel.tree),
            HISTOGRAMS: histograms_document(channel.measures),
            REVISIONS: revisions_document(channel.measures),
            MEASURES: measures_document(channel),
        }

    def snapshot_documents(self, snapshot: SnapshotFacts) -> dict[str, Document]:
        """The lists of channel/versions and ping files, health, and the index."""
        lists = snapshot.files.values()
        # one whose files were all taken out is told as one that never had any
        health = {name: files.health for name, files in snapshot.files.items() if files.known}
        outliers = snapshot.index.outliers(snapshot.plausibility)
        return {
            VERSIONS: names_document(snapshot.index),
            PROCESSED: processed_document(key for files in lists for key in files.processed),
            MISSING: missing_document(each for files in lists for each in files.missing),
            HEALTH: health_document(health, outliers.versions),
            INDEX: index_document(snapshot.index),
        }

    def header_fault(self, path: str, content_type: str, encoding: str | None, cache_control: str | None) -> str:
        """What is wrong with the headers of the object at ``path``; empty if they are as readers need them."""
        kind = TEXT if path.endswith((f"/{PROCESSED}", f"/{MISSING}")) else JSON
        right = (kind, "gzip", published_paths.cache_control(path))
        found = (content_type.partition(";")[0], encoding, cache_control)
        return "" if found == right else f"{path} has the headers {found}, not {right}"

    def faults(self, fetch: Fetch) -> Iterator[Fault]:
        """All violated rules of docs/formats.md in what readers see."""
        return faults(fetch)


LAYOUT_1: PublishedLayout = Layout1()
