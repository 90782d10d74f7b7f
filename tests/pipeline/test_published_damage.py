"""Published documents that are gone or damaged are noticed, named by status, and written again."""

from collections.abc import Callable

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.layouts.v1.file_names import MISSING, PROCESSED
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.pipeline.publish.snapshot import plan_publish, publish
from tests.pipeline.publishing import folder, latest, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import UNKNOWN, key, ping
from tests.support.stage import Stage
from tests.support.stores import damage

A, B, C = key("a"), key("b"), key("o", channel="aurora", version="27.0a2")


def a_measure(stage: Stage) -> str:
    manifest = load_manifest(stage.published, folder(stage))
    assert manifest is not None
    return f"{folder(stage)}/{min(name for name in manifest.files if name.endswith('-summary.json'))}"


GONE: dict[str, Callable[[Stage], str]] = {
    "measure": a_measure,
    "tree": lambda stage: f"{folder(stage)}/filter-tree.json",
    "manifest": lambda stage: f"{folder(stage)}/manifest.json",
    "file list": lambda stage: f"current/{latest(stage)}/files/nightly/28/files.json",
    "health": lambda stage: f"current/{latest(stage)}/health.json",
    **{
        name: lambda stage, name=name: f"current/{latest(stage)}/{name}"
        for name in (*(PROCESSED, MISSING), "versions.json")
    },  # type: ignore[misc]
}


def codes(stage: Stage) -> set[str]:
    return {finding.code for finding in status(stage.services, stage.clock()).findings}


@pytest.mark.parametrize("what", GONE)
def test_a_published_document_that_is_gone_is_written_again_by_the_next_publish(stage: Stage, what: str) -> None:
    take_in(stage, A, C)
    publish(stage.services)
    before = published_bytes(stage.published)
    stage.published.delete([GONE[what](stage)])
    assert list(verify(stage.services))
    stage.clock.pass_(5)
    publish(stage.services, look=True)
    assert list(verify(stage.services)) == []
    assert published_bytes(stage.published) == before
    assert "published-damaged" not in codes(stage)
    assert publish(stage.services, look=True).outcome == "nothing"


@pytest.mark.parametrize("what", ["measure", "tree", "manifest", "file list"])
def test_the_periodic_publish_notices_by_itself(stage: Stage, what: str) -> None:
    take_in(stage, A, C)
    publish(stage.services)
    stage.published.delete([GONE[what](stage)])
    plan = plan_publish(stage.services)
    assert plan is not None
    assert plan.changed == ("nightly/28",)
    assert "published-damaged" in codes(stage)


def test_it_does_not_look_at_every_publish(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    assert plan_publish(stage.services) is None
    stage.published.forget_requests()
    assert plan_publish(stage.services) is None
    assert stage.published.requests["list"] == 0


def test_damage_that_only_reading_tells_is_written_again_once_verify_has_seen_it(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    before = published_bytes(stage.published)
    damage(stage.published, a_measure(stage))
    assert publish(stage.services, look=True).outcome == "nothing"
    assert list(verify(stage.services))
    assert "published-damaged" in codes(stage)
    stage.clock.pass_(5)
    publish(stage.services)
    assert list(verify(stage.services)) == []
    assert published_bytes(stage.published) == before
    assert "published-damaged" not in codes(stage)


def test_what_a_manifest_names_was_seen_to_be_there(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies that are answered as done and are not: no snapshot without them is shown."""
    take_in(stage, A)
    publish(stage.services)
    shown = latest(stage)
    take_in(stage, B, pings=[ping(UNKNOWN)])
    stage.clock.pass_(5)
    monkeypatch.setattr(stage.published, "copy", lambda source, target: None)
    with pytest.raises(InfrastructureError, match="not there"):
        publish(stage.services)
    assert latest(stage) == shown
    monkeypatch.undo()
    stage.clock.pass_(5)
    publish(stage.services)
    assert latest(stage) > shown
    assert list(verify(stage.services)) == []
