"""``manifest.json``."""

from dataclasses import replace

import pytest

from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.manifest import Manifest, manifest_document, read_manifest
from tests.formats.layouts.v1.made import FACTS, changed, text

MANIFEST = Manifest("digest", {"SEEN": FACTS}, {"SEEN-summary.json": (5, "ab")})
DOCUMENT = manifest_document(MANIFEST)


def test_it_holds_the_inputs_of_each_measure_and_size_and_digest_of_each_file() -> None:
    assert text(DOCUMENT) == (
        '{"files":{"SEEN-summary.json":[5,"ab"]},"measures":{"SEEN":{"build_id":"20131202030201","cells":"c0ffee",'
        '"definition":{"description":"Seen.","high":2,"kind":"flag","low":1,"n_buckets":3},'
        '"facts":{"dates":2,"first":"20131201","last":"20131202","submissions":3},'
        '"input":"1dea","length":8,"revision":"repo/rev"}},"schema":1,"tree":"digest"}'
    )


@pytest.mark.parametrize("volume", [Volume(0, 0, "", ""), Volume(3, 1, "20131201", "20131201", 2, 1, True)])
def test_a_reader_gets_what_was_written(volume: Volume) -> None:
    manifest = Manifest("digest", {"SEEN": replace(FACTS, volume=volume)}, MANIFEST.files)
    assert read_manifest(manifest_document(manifest).body) == manifest


@pytest.mark.parametrize(
    "members", [{"schema": 2}, {"files": {"a": 5}}, {"files": {"a": [1]}}, {"measures": {"A": {"cells": ""}}}]
)
def test_another_schema_or_a_damaged_entry_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(DataError) as caught:
        read_manifest(changed(DOCUMENT, **members))
    assert caught.value.reason == "bad-manifest"
