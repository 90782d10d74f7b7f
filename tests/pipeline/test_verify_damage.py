"""What ``verify`` makes of damage that the stores themselves tell of, and of documents that are none of ours."""

from typing import Any

import pytest

from telemetry_tasks.errors import DamagedObject, InfrastructureError
from telemetry_tasks.formats.checkpoints import CHECKPOINT_LIST
from telemetry_tasks.formats.documents import json_document
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.inspect import snapshot_checks
from telemetry_tasks.pipeline.inspect.published_rules import Finding
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import plan_publish, publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from tests.pipeline.publishing import folder, latest, take_in
from tests.support.pings import COUNT, FLAG, key
from tests.support.stage import Stage
from tests.support.stores import WatchedStore

OTHER_KEY = key("o", channel="aurora", version="27.0a2")


@pytest.fixture
def whole(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A deployment with two channel/versions published, and a checkpoint."""
    monkeypatch.setattr(snapshot_checks, "PAUSE", 0.0)
    take_in(stage, key("a"), OTHER_KEY)
    publish(stage.services)
    checkpoint(stage.services)
    assert list(verify(stage.services)) == []
    return stage


def rot(store: WatchedStore, part: str) -> None:
    """Whatever has this in its key is not what the store says of it, from now on."""

    def before(verb: str, name: str) -> None:
        if verb == "get" and part in name:
            raise DamagedObject(f"{name}: the md5 of the body is another one")

    store.before = before


def where(findings: list[Finding]) -> str:
    return "\n".join(f"{each.where}: {each.what}" for each in findings)


@pytest.mark.parametrize(
    "part",
    [
        f"{FLAG}-summary.json",
        f"{FLAG}-by-build-date.json",
        "filter-tree.json",
        "manifest.json",
        "/files/aurora",
        "FILES_PROCESSED",
        "index.json",
        LATEST,
        VERSIONS,
        CHECKPOINT_LIST,
        "/state/",
    ],
)
def test_a_published_object_that_rotted_is_a_finding_that_names_it(whole: Stage, part: str) -> None:
    rot(whole.published, part)
    assert part in where(list(verify(whole.services)))


def test_so_is_a_partial_result_and_what_else_is_wrong_is_found_too(whole: Stage) -> None:
    rot(whole.results, "results/aurora")
    whole.published.delete([f"{folder(whole)}/{COUNT}-summary.json"])
    told = where(list(verify(whole.services)))
    assert "aurora/27: partition" in told
    assert "its partial result is gone or damaged" in told
    assert f"{COUNT}-summary.json: is gone" in told


def test_so_is_a_ping_file(whole: Stage) -> None:
    rot(whole.input, key("a"))
    (finding,) = verify(whole.services)
    assert finding.where.startswith("nightly/28: partition")
    assert key("a") in finding.what


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, {"processed": 5, "missing": [], "health": {}}, {"current": 5}])
@pytest.mark.parametrize("name", ["files", "index", "manifest", LATEST, VERSIONS])
def test_documents_that_are_none_of_ours_are_findings(whole: Stage, name: str, value: Any) -> None:
    root = f"current/{latest(whole)}"
    paths = {
        "files": f"{root}/files/nightly/28/files.json",
        "index": f"{root}/index.json",
        "manifest": f"{root}/nightly/28/manifest.json",
    }
    whole.published.put(paths.get(name, name), json_document(value).body)
    assert list(verify(whole.services))


@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_status_says_which_list_of_files_is_none(whole: Stage, value: Any) -> None:
    path = f"current/{latest(whole)}/files/nightly/28/files.json"
    whole.published.put(path, json_document(value).body)
    (finding,) = (each for each in status(whole.services, whole.clock()).findings if each.code == "published-damaged")
    assert (finding.about, path in finding.text) == ("nightly/28", True)


def test_where_nothing_was_published_yet_nothing_is_wrong_with_it(stage: Stage) -> None:
    assert list(verify(stage.services)) == []
    take_in(stage, key("a"))
    plan_publish(stage.services)  # and died
    assert list(verify(stage.services)) == []


def test_an_index_that_went_is_a_finding(whole: Stage) -> None:
    whole.published.delete([LATEST, VERSIONS])
    assert [each.where for each in verify(whole.services)] == [VERSIONS, LATEST]


def test_health_that_is_not_that_of_the_channel_versions_is_a_finding(whole: Stage) -> None:
    path = f"current/{latest(whole)}/health.json"
    there = whole.published.get(path)
    body = json_document({"schema": 1, "versions": {}}).body
    whole.published.put(path, body, headers=there.headers)
    assert [each.where for each in verify(whole.services)] == [path]


def test_definitions_that_are_away_are_told_and_no_file_is_called_wrong(whole: Stage) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            def raising(*arguments: object) -> None:
                raise InfrastructureError("the server of definitions does not answer")

            return raising

    object.__setattr__(whole.services, "definitions", DefinitionSources([Away()], parse_definitions))
    told = where(list(verify(whole.services)))
    assert told.splitlines() == [
        f"current/{latest(whole)}/{name}: cannot be compared with the state: definitions are away"
        for name in ("aurora/27", "nightly/28")
    ]
