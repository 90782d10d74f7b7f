"""The checkpoint after a switch: owed until one that contains it is listed, and requested once at a time."""

from collections.abc import Iterator

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.recovery import checkpoint as checkpoints
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.reprocess import switch
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.jobs import start_job, work_left
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import switch_job
from telemetry_tasks.pipeline.state.owed_checkpoint import (
    must_request_checkpoint,
    no_checkpoint_at_work,
    owe_checkpoint,
    writing_checkpoint,
)
from tests.pipeline.publishing import take_in
from tests.support.pings import key
from tests.support.stage import Stage

NAME = "nightly/28"
LEASE = 1.0


@pytest.fixture
def owing(stage: Stage) -> Stage:
    """A checkpoint is owed."""
    stage = stage.with_options(merge_lease=LEASE)
    owe_checkpoint(stage.services)
    return stage


@pytest.fixture
def job(stage: Stage) -> JobPlan:
    """A reprocessing, of which only the switch is left."""
    take_in(stage, key("a"))
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    for partition in work_left(stage.services, NAME, plan.id):
        recompute(stage.services, NAME, plan.id, partition)
    return plan


def dies_at(monkeypatch: pytest.MonkeyPatch, module: object, point: str) -> None:
    def failpoint(name: str) -> None:
        if name == point:
            raise InfrastructureError(name)

    monkeypatch.setattr(module, "failpoint", failpoint)


def lose_the_worker_after_the_switch(stage: Stage, job: JobPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        dies_at(patch, switch, "reprocess.after-switch")
        with pytest.raises(InfrastructureError):
            switch_job(stage.services, NAME, job.id)


def test_without_a_switch_none_is_sent_for(stage: Stage) -> None:
    assert not must_request_checkpoint(stage.services)
    checkpoint(stage.services)
    assert not must_request_checkpoint(stage.services)


def test_one_is_sent_for_all_switches_before_it_begins(owing: Stage) -> None:
    assert must_request_checkpoint(owing.services)
    owe_checkpoint(owing.services)
    assert not must_request_checkpoint(owing.services)
    checkpoint(owing.services)
    no_checkpoint_at_work(owing.services)
    assert not must_request_checkpoint(owing.services)


def test_one_that_never_came_is_sent_for_again(owing: Stage) -> None:
    for _ in range(3):
        assert must_request_checkpoint(owing.services)
        owing.elapse(LEASE)


def test_it_does_not_matter_who_writes_it(owing: Stage) -> None:
    checkpoint(owing.services)
    assert not must_request_checkpoint(owing.services)


def test_another_is_owed_after_a_switch_during_one(owing: Stage) -> None:
    looks: Iterator[int] = iter(range(100))

    def switched(verb: str, name: str) -> None:
        if verb == "put" and next(looks) == 0:
            owe_checkpoint(owing.services)

    owing.published.before = switched
    checkpoint(owing.services)
    owing.published.before = lambda verb, name: None
    assert next(looks) > 1
    assert must_request_checkpoint(owing.services)
    no_checkpoint_at_work(owing.services)
    checkpoint(owing.services)
    assert not must_request_checkpoint(owing.services)


@pytest.mark.parametrize("point", ["after-claim", "before-manifest", "before-list"])
def test_it_stays_owed_if_a_checkpoint_does_not_come_to_its_end(
    owing: Stage, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    dies_at(monkeypatch, checkpoints, f"checkpoint.{point}")
    with pytest.raises(InfrastructureError, match=point):
        checkpoint(owing.services)
    assert must_request_checkpoint(owing.services)


def test_while_one_is_written_none_is_sent_for_however_long_it_takes(owing: Stage) -> None:
    with writing_checkpoint(owing.services):
        for _ in range(3):
            assert not must_request_checkpoint(owing.services)
            owing.requests.wait_for("set_note")
            owing.elapse(LEASE / 2)
        assert not must_request_checkpoint(owing.services)
    owing.elapse(LEASE)  # it was lost without another word
    assert must_request_checkpoint(owing.services)


def test_a_switch_owes_one(stage: Stage, job: JobPlan) -> None:
    checkpoint(stage.services)
    assert switch_job(stage.services, NAME, job.id).outcome == "switched"
    assert must_request_checkpoint(stage.services)


def test_a_switch_whose_worker_is_lost_after_it_owes_one_all_the_same(
    stage: Stage, job: JobPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_worker_after_the_switch(stage, job, monkeypatch)
    checkpoint(stage.services)
    switch_job(stage.services, NAME, job.id)
    assert not stage.state().jobs()
    assert must_request_checkpoint(stage.services)


def test_so_does_one_whose_new_result_is_gone_by_then(
    stage: Stage, job: JobPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_worker_after_the_switch(stage, job, monkeypatch)
    stage.input.delete([key("a")])  # or it would be computed again
    for info in list(stage.results.list("")):
        stage.results.delete([info.key])
    assert "gone" in switch_job(stage.services, NAME, job.id).outcome
    assert not stage.state().jobs()
    assert must_request_checkpoint(stage.services)
