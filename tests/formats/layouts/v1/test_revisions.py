"""``revisions.json``."""

import json

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import packed
from telemetry_tasks.formats.layouts.v1.revisions import ShownBuild, read_revisions, revisions_document
from tests.formats.layouts.v1.made import FACTS, text


def test_the_length_counts_buckets_sums_and_submissions() -> None:
    document = revisions_document({"SEEN": FACTS})
    assert text(document) == '{"SEEN":{"buildId":"20131202030201","length":9,"revision":"repo/rev"}}'
    assert read_revisions(document.body) == {"SEEN": ShownBuild("repo/rev", "20131202030201", 9)}


def test_an_entry_without_a_revision_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        read_revisions(packed(json.dumps({"SEEN": {"buildId": "1", "length": 9}}).encode()))
    assert caught.value.reason == "bad-revisions"
