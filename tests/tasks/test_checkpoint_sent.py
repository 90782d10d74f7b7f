"""Who requests the checkpoint that is owed after a switch, however an earlier one ended."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from telemetry_tasks.app import app
from telemetry_tasks.pipeline.recovery import checkpoint as checkpoints
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.state.owed_checkpoint import owe_checkpoint
from telemetry_tasks.tasks import control, publishing, reprocessing
from tests.support.stage import Stage

LEASE = 5.0


@pytest.fixture
def owing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = stage.with_options(merge_lease=LEASE)
    monkeypatch.setattr("telemetry_tasks.tasks.context.services", lambda settings: stage.services)
    monkeypatch.setattr("telemetry_tasks.tasks.failures.services", lambda settings: stage.services)
    monkeypatch.setattr(control, "waiting_in", lambda queue: 0)
    owe_checkpoint(stage.services)
    return stage


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages that were sent."""
    out: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda task, *arguments, **named: out.append(task))
    return out


def test_a_sweep_sends_for_it_once_until_it_is_lost(owing: Stage, sent: list[str]) -> None:
    control.sweep()
    control.sweep()
    assert sent == ["checkpoint"]
    owing.elapse(LEASE)
    control.sweep()
    assert sent == ["checkpoint"] * 2


def test_the_task_that_switches_sends_for_it_at_once(owing: Stage, sent: list[str]) -> None:
    for _ in range(2):
        reprocessing.switch_reprocessed("nightly/28", "of another worker, which was lost after its switch")
    assert sent == ["checkpoint"]


def test_a_sweep_sends_none_after_it_is_written(owing: Stage, sent: list[str]) -> None:
    publishing.checkpoint()
    owing.elapse(LEASE)
    control.sweep()
    assert sent == []


def test_one_that_hits_its_time_limit_is_sent_for_again(
    owing: Stage, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(name: str) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "failpoint", too_long)
        with pytest.raises(SoftTimeLimitExceeded):
            publishing.checkpoint()
    control.sweep()
    assert sent == [], "not at once: it may take as long again"
    owing.elapse(LEASE)
    control.sweep()
    assert sent == ["checkpoint"]
    publishing.checkpoint()
    assert len(list_checkpoints(owing.published)) == 1


def test_after_a_switch_during_one_its_task_sends_for_another(
    owing: Stage, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def switched(name: str) -> None:
        if name == "checkpoint.before-list":
            owe_checkpoint(owing.services)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "failpoint", switched)
        publishing.checkpoint()
    assert sent == ["checkpoint"]
    publishing.checkpoint()
    assert sent == ["checkpoint"]
