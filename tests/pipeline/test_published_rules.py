"""The rules of docs/formats.md, checked on documents that break them: a finding each, whatever is in their place."""

from dataclasses import replace as replaced
from typing import Any

import pytest

from telemetry_tasks.formats.documents import json_document
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.inspect.published_rules import check_published, fetcher
from telemetry_tasks.pipeline.publish.snapshot import publish
from tests.pipeline.publishing import assert_intact, folder, latest, seen, take_in
from tests.support.pings import FLAG, key
from tests.support.stage import Stage

ODD: list[Any] = [
    None,
    5,
    "x",
    [],
    {"_id": [1]},
    {"_id": 0, "name": "reason", "x": 5},
    {FLAG: None},
    {FLAG: {"kind": []}},
    {"20131201": None},
    {"20131201": [5]},
    {"20131201": [[1, "x"], [2, 3]]},
    {"20131201": [[1, []], [2, 3]]},
    {"current": 5, "versions": 3},
    {"nightly/28": 5},
]


@pytest.fixture
def shown(stage: Stage) -> Stage:
    take_in(stage, key("a"))
    publish(stage.services)
    return stage


def replace(stage: Stage, path: str, body: bytes) -> None:
    """Other bytes under the same headers."""
    there = stage.published.get(path)
    stage.published.put(path, body, headers=there.headers)


def found(stage: Stage) -> set[str]:
    return {each.where for each in check_published(fetcher(stage.published))}


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    "name", [VERSIONS, LATEST, "filter-tree.json", "histograms.json", f"{FLAG}-by-build-date.json"]
)
def test_whatever_is_in_the_place_of_a_document_is_a_finding(shown: Stage, name: str, value: Any) -> None:
    replace(shown, name if name in (VERSIONS, LATEST) else f"{folder(shown)}/{name}", json_document(value).body)
    assert found(shown)


@pytest.mark.parametrize("usual", ["nightly/99", None, []])
def test_a_usual_version_that_is_not_published_is_a_finding(shown: Stage, usual: Any) -> None:
    replace(shown, LATEST, json_document({**seen(shown, LATEST), "usual": usual}).body)
    assert found(shown) == {LATEST}


@pytest.mark.parametrize("name", [f"{FLAG}-summary.json", f"{FLAG}-by-submission-date.json", "measures.json"])
def test_a_document_of_a_folder_that_is_gone_is_a_finding(shown: Stage, name: str) -> None:
    path = f"{folder(shown)}/{name}"
    shown.published.delete([path])
    assert found(shown) == {path}


@pytest.mark.parametrize(
    "changed", [{"content_encoding": None}, {"content_type": "text/html"}, {"cache_control": "no-store"}]
)
@pytest.mark.parametrize("name", ["filter-tree.json", f"{FLAG}-by-build-date.json", f"{FLAG}-summary.json"])
def test_headers_that_readers_cannot_do_with_are_a_finding(shown: Stage, name: str, changed: dict[str, Any]) -> None:
    path = f"{folder(shown)}/{name}"
    there = shown.published.get(path)
    shown.published.put(path, there.body, headers=replaced(there.headers, **changed))
    assert len(found(shown)) == 1


def test_what_is_at_the_top_must_not_be_cached(shown: Stage) -> None:
    there = shown.published.get(VERSIONS)
    cached = replaced(there.headers, cache_control="public, max-age=31536000, immutable")
    shown.published.put(VERSIONS, there.body, headers=cached)
    assert found(shown) == {VERSIONS}


def test_the_list_of_a_snapshot_has_to_name_its_channel_versions(shown: Stage) -> None:
    path = f"current/{latest(shown)}/versions.json"
    replace(shown, path, json_document(["nightly/27"]).body)
    assert found(shown) == {path}


@pytest.mark.parametrize("channel", ["nightly-oak", "release.cck"])
def test_a_channel_that_readers_leave_out_is_no_fault(stage: Stage, channel: str) -> None:
    take_in(stage, key("a", channel=channel))
    publish(stage.services)
    assert_intact(stage)
