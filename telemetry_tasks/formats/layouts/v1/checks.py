"""Every rule of docs/formats.md, checked on what is published, through the eyes of a reader that knows no more."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import KINDS_OF_DATE
from telemetry_tasks.errors import DataError, NotFound
from telemetry_tasks.formats.layouts.contract import Fault, Fetch
from telemetry_tasks.formats.layouts.v1.file_names import MISSING, PROCESSED, read_missing, read_processed
from telemetry_tasks.formats.layouts.v1.filter_tree import FILTER_TREE, read_filter_tree
from telemetry_tasks.formats.layouts.v1.health import HEALTH, read_health
from telemetry_tasks.formats.layouts.v1.histograms import HISTOGRAMS, read_definition, read_histograms
from telemetry_tasks.formats.layouts.v1.latest import LATEST, read_latest
from telemetry_tasks.formats.layouts.v1.measures import MEASURES, read_measures
from telemetry_tasks.formats.layouts.v1.names import CHANNEL_VERSION, IN_URL, measure_file, snapshot_folder
from telemetry_tasks.formats.layouts.v1.revisions import REVISIONS, read_revisions
from telemetry_tasks.formats.layouts.v1.rows_by_date import read_rows, row_faults
from telemetry_tasks.formats.layouts.v1.summary import SUMMARY, read_summary
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, read_names, read_paths

T = TypeVar("T")


def faults(fetch: Fetch) -> Iterator[Fault]:
    """All faults of the snapshot that the documents at the top name."""
    documents = _Documents(fetch)
    paths, latest = documents.read(VERSIONS, read_paths), documents.read(LATEST, read_latest)
    if latest is not None:
        if paths is not None and sorted(paths) != latest.versions:
            documents.found(VERSIONS, f"does not name the same channel/versions as {LATEST}")
        _check_snapshot(documents, snapshot_folder(latest.current), latest.versions)
    yield from documents.told()
    for name, folder in sorted((paths or {}).items()):
        if not CHANNEL_VERSION.match(name):
            yield Fault(VERSIONS, f"{name!r} is not of the form channel/version")
        yield from _check_folder(documents, folder)


class _Documents:
    """Reads documents, and notes what is wrong with them."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._faults: list[Fault] = []

    def read(self, path: str, reader: Callable[[bytes], T]) -> T | None:
        """What a document says; None if it is gone or damaged."""
        try:
            return reader(self._fetch(path))
        except (NotFound, DataError) as error:
            self.found(path, str(error))
            return None

    def found(self, where: str, what: str) -> None:
        """Notes a fault."""
        self._faults.append(Fault(where, what))

    def told(self) -> list[Fault]:
        """The faults since the last call."""
        told, self._faults = self._faults, []
        return told


def _check_snapshot(documents: _Documents, root: str, versions: list[str]) -> None:
    names = documents.read(f"{root}/{VERSIONS}", read_names)
    if names is not None and names != versions:
        documents.found(f"{root}/{VERSIONS}", f"does not name the same channel/versions as {LATEST}")
    documents.read(f"{root}/{HEALTH}", read_health)
    processed = documents.read(f"{root}/{PROCESSED}", read_processed)
    missing = documents.read(f"{root}/{MISSING}", read_missing)
    if not (missing or {}).keys().isdisjoint(processed or ()):
        documents.found(f"{root}/{MISSING}", "a file is on both lists")


def _check_folder(documents: _Documents, folder: str) -> Iterator[Fault]:
    tree = documents.read(f"{folder}/{FILTER_TREE}", read_filter_tree)
    definitions = documents.read(f"{folder}/{HISTOGRAMS}", read_histograms)
    for name, of_each in (
        (REVISIONS, documents.read(f"{folder}/{REVISIONS}", read_revisions)),
        (MEASURES, documents.read(f"{folder}/{MEASURES}", read_measures)),
    ):
        if None not in (definitions, of_each) and set(of_each or ()) != set(definitions or ()):
            documents.found(f"{folder}/{name}", f"does not have the measures of {HISTOGRAMS}")
    yield from documents.told()
    leaves = None if tree is None else set(tree.leaf_ids.values())
    for measure, entry in sorted((definitions or {}).items()):
        _check_measure(documents, folder, measure, entry, leaves)
        yield from documents.told()


def _check_measure(documents: _Documents, folder: str, measure: str, entry: Any, leaves: set[int] | None) -> None:
    if not IN_URL.match(measure):
        documents.found(f"{folder}/{measure}", "the name cannot stand in a URL")
    try:
        width = histogram_shape(read_definition(entry).buckets).width + 1  # and the filter id
    except DataError as error:
        documents.found(f"{folder}/{HISTOGRAMS}", f"{measure}: {error}")
        return
    for kind_of_date in KINDS_OF_DATE:
        path = f"{folder}/{measure_file(measure, kind_of_date)}"
        rows = documents.read(path, read_rows)
        if rows is not None and leaves is not None:
            for what in row_faults(rows, width, leaves):
                documents.found(path, what)
    documents.read(f"{folder}/{measure_file(measure, SUMMARY)}", read_summary)
