"""``verify`` beside a publisher that switches: for a moment the two files at the top name different snapshots."""

import pytest

from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.inspect import snapshot_checks
from telemetry_tasks.pipeline.publish.snapshot import publish
from tests.pipeline.publishing import take_in
from tests.support.pings import key
from tests.support.stage import Stage


@pytest.fixture
def half_switched(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> tuple[Stage, bytes]:
    """A deployment whose ``versions.json`` is of the snapshot before, and what it should be."""
    monkeypatch.setattr(snapshot_checks, "PAUSE", 0.0)
    take_in(stage, key("a"))
    publish(stage.services)
    before = stage.published.get(VERSIONS).body
    stage.clock.pass_(5)
    take_in(stage, key("b"))
    publish(stage.services)
    right = stage.published.get(VERSIONS).body
    assert right != before
    stage.published.put(VERSIONS, before)
    return stage, right


def test_a_switch_that_comes_to_its_end_is_no_finding(half_switched: tuple[Stage, bytes]) -> None:
    stage, right = half_switched
    looks = 0

    def switched(verb: str, name: str) -> None:
        nonlocal looks
        looks += (verb, name) == ("get", VERSIONS)
        if looks == 3:
            stage.published.before = lambda verb, name: None
            stage.published.put(VERSIONS, right)

    stage.published.before = switched
    assert list(snapshot_checks.check_newest_snapshot(stage.services)) == []
    assert looks == 3


def test_one_that_does_not_is(half_switched: tuple[Stage, bytes]) -> None:
    stage, _ = half_switched
    (finding,) = snapshot_checks.check_newest_snapshot(stage.services)
    assert finding.where == VERSIONS
