"""Layout 1 as a whole: which documents there are, and that its own checks find nothing wrong with them."""

import pytest

from telemetry_tasks.core.histograms import histogram_run
from telemetry_tasks.core.shapes import PINGS, Run
from telemetry_tasks.errors import NotFound
from telemetry_tasks.formats.documents import Document
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.layouts.contract import FileList
from telemetry_tasks.formats.layouts.v1.file_names import MISSING, PROCESSED
from telemetry_tasks.formats.layouts.v1.latest import LATEST, latest_document
from telemetry_tasks.formats.layouts.v1.layout import LAYOUT_1
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, paths_document
from tests.formats.layouts.v1.made import CHANNEL, FACTS, FILES, FOLDER, INDEX, NAME, SNAPSHOT, STAMP, TREE, table, text


def published() -> dict[str, Document]:
    """All documents of a snapshot, by path."""
    found = {VERSIONS: paths_document(INDEX), LATEST: latest_document(INDEX, SNAPSHOT.plausibility)}
    for name, document in LAYOUT_1.snapshot_documents(SNAPSHOT).items():
        found[f"current/{STAMP}/{name}"] = document
    beside = LAYOUT_1.channel_documents(CHANNEL)
    measure = LAYOUT_1.measure_documents(table(), TREE.leaf_ids, FACTS.definition, AUTO)
    return found | {f"{FOLDER}/{name}": document for name, document in {**beside, **measure}.items()}


def faults(documents: dict[str, Document]) -> list[str]:
    """Where the checks find something."""

    def fetch(path: str) -> bytes:
        if path not in documents:
            raise NotFound(path)
        return documents[path].body

    return [fault.where for fault in LAYOUT_1.faults(fetch)]


def test_these_are_the_documents() -> None:
    assert sorted(path.removeprefix(f"current/{STAMP}/") for path in published()) == [
        "FILES_MISSING",
        "FILES_PROCESSED",
        "health.json",
        "index.json",
        "latest-current.json",
        "nightly/28/SEEN-by-build-date.json",
        "nightly/28/SEEN-by-submission-date.json",
        "nightly/28/SEEN-summary.json",
        "nightly/28/filter-tree.json",
        "nightly/28/histograms.json",
        "nightly/28/measures.json",
        "nightly/28/revisions.json",
        "versions.json",
        "versions.json",
    ]


def test_the_files_of_a_measure_are_those_that_are_written() -> None:
    written = LAYOUT_1.measure_documents(table(), TREE.leaf_ids, FACTS.definition, AUTO)
    assert list(LAYOUT_1.measure_files("SEEN")) == list(written)


def test_what_is_written_has_no_faults() -> None:
    assert faults(published()) == []


@pytest.mark.parametrize("path", sorted(published()))
def test_a_document_that_is_gone_is_a_fault(path: str) -> None:
    documents = published()
    del documents[path]
    assert faults(documents) == ([] if path.endswith("index.json") else [path])


def test_the_headers_are_those_that_documents_have() -> None:
    for path, document in published().items():
        assert LAYOUT_1.header_fault(path, document.content_type, "gzip", document.cache_control) == ""
        assert LAYOUT_1.header_fault(path, document.content_type, None, document.cache_control)
        assert LAYOUT_1.header_fault(path, "text/html", "gzip", document.cache_control)
        assert LAYOUT_1.header_fault(path, document.content_type, "gzip", "no-store")


ARRAY = histogram_run("SEEN", 8)


@pytest.mark.parametrize(
    ("run", "fits"),
    [
        (ARRAY, True),
        (histogram_run("SEEN", 6, unknown=0b11000), True),
        (PINGS, False),
        (ARRAY._replace(key="a"), False),
        (ARRAY._replace(page=1), False),
        (ARRAY._replace(shape=ARRAY.shape._replace(sums=("sum",))), False),
        (ARRAY._replace(shape=ARRAY.shape._replace(counts=("pings", "clients"))), False),
    ],
)
def test_columns_fit_if_they_are_an_array_of_buckets_and_the_five_sums(run: Run, fits: bool) -> None:
    assert LAYOUT_1.accepts(run) is fits


def test_the_lists_of_a_snapshot_are_those_of_all_channel_versions() -> None:
    more = {**SNAPSHOT.files, "beta/27": FileList(["z"], [("0", "changed")], FILES.health)}
    documents = LAYOUT_1.snapshot_documents(SNAPSHOT.__class__(INDEX, more, SNAPSHOT.plausibility))
    assert text(documents[PROCESSED]) == "a\\n\nz\n"
    assert text(documents[MISSING]) == "0\tchanged\nb\tnot-found\n"


def test_a_channel_version_whose_files_were_all_taken_out_has_no_health() -> None:
    empty = SNAPSHOT.__class__(INDEX, {NAME: FileList([], [], FILES.health)}, SNAPSHOT.plausibility)
    assert '"versions":{}' in text(LAYOUT_1.snapshot_documents(empty)["health.json"])
