"""The rules between documents: each broken one is a fault, at the document that breaks it."""

from dataclasses import replace

import pytest

from telemetry_tasks.core.disclosure.tree import build_tree
from telemetry_tasks.formats.documents import Document, json_document
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.layouts.v1.file_names import missing_document
from telemetry_tasks.formats.layouts.v1.filter_tree import filter_tree_document
from telemetry_tasks.formats.layouts.v1.histograms import histograms_document
from telemetry_tasks.formats.layouts.v1.measures import measures_document
from telemetry_tasks.formats.layouts.v1.revisions import revisions_document
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, names_document, paths_document
from tests.formats.layouts.v1.made import CHANNEL, FACTS, FOLDER, INDEX, REF, STAMP
from tests.formats.layouts.v1.test_layout import faults, published

ROOT = f"current/{STAMP}"
OTHER = SnapshotIndex(STAMP, {"nightly/29": REF})


@pytest.mark.parametrize(
    ("path", "document"),
    [
        (VERSIONS, paths_document(OTHER)),
        (f"{ROOT}/{VERSIONS}", names_document(OTHER)),
        (f"{ROOT}/FILES_MISSING", missing_document([("a\n", "changed")])),
        (f"{FOLDER}/revisions.json", revisions_document({})),
        (f"{FOLDER}/measures.json", measures_document(replace(CHANNEL, measures={}))),
        (f"{FOLDER}/histograms.json", json_document({"SEEN": {"kind": "count"}})),
    ],
)
def test_documents_that_do_not_agree(path: str, document: Document) -> None:
    assert faults({**published(), path: document}) == [path]


def test_rows_of_a_leaf_that_the_tree_does_not_have() -> None:
    changed = {f"{FOLDER}/filter-tree.json": filter_tree_document(build_tree((), [()]))}
    assert set(faults({**published(), **changed})) == {
        f"{FOLDER}/SEEN-by-build-date.json",
        f"{FOLDER}/SEEN-by-submission-date.json",
    }


def test_a_name_that_cannot_stand_in_a_url() -> None:
    measures = {"SEEN": FACTS, "A B": FACTS}
    changed = {
        f"{FOLDER}/histograms.json": histograms_document(measures),
        f"{FOLDER}/revisions.json": revisions_document(measures),
        f"{FOLDER}/measures.json": measures_document(replace(CHANNEL, measures=measures)),
    }
    assert f"{FOLDER}/A B" in faults({**published(), **changed})


@pytest.mark.parametrize("name", ["nightly", "nightly/28/x", "night ly/28"])
def test_a_name_that_is_not_channel_and_version(name: str) -> None:
    index = SnapshotIndex(STAMP, {**INDEX.versions, name: replace(REF)})
    documents = {**published(), VERSIONS: paths_document(index)}
    assert VERSIONS in faults(documents)
