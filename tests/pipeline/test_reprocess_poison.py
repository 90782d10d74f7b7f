"""Partitions that cannot be reprocessed keep what they contributed, and hold up no other."""

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.publish import publish
from telemetry_tasks.pipeline.reprocess import cancel_job, plan_jobs, recompute, start_job, switch_job, work_left
from telemetry_tasks.pipeline.selection import Selection
from telemetry_tasks.pipeline.verify import verify
from tests.pipeline.conftest import Stage
from tests.pipeline.publishing import take_in
from tests.support.deployment import published_bytes
from tests.support.pings import key as key_of

NAME = "nightly/28"
A, B, C = key_of("a"), key_of("b"), key_of("c")
OTHER = key_of("o", channel="aurora", version="27.0a2")
DAY = 86400.0


def test_a_partition_that_kills_every_attempt_at_reprocessing_keeps_what_it_contributed(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    before = published_bytes(stage.published)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    poison = next(id for id, partition in plan.partitions.items() if partition.files[0].key == A)
    for _ in range(stage.services.options.max_attempts):
        stage.state().try_again(plan.id, poison)  # the worker died each time
    for partition in work_left(stage.services, NAME, plan.id):
        assert recompute(stage.services, NAME, plan.id, partition)
    done = switch_job(stage.services, NAME, plan.id)
    assert (done.outcome, done.partitions, done.kept) == ("switched", 1, 1)
    assert poison not in stage.state().ledger()
    stage.clock.pass_(5)
    publish(stage.services)
    assert published_bytes(stage.published) == before
    assert list(verify(stage.services)) == []


def test_a_job_under_way_is_not_started_a_second_time(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    assert start_job(stage.services, plan)
    assert not start_job(stage.services, plan)


def test_infrastructure_that_fails_costs_a_reprocessing_no_attempt(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    (partition,) = plan.partitions

    def away(verb: str, path: str) -> None:
        raise InfrastructureError("away")

    stage.input.before = away
    for _ in range(9):
        with pytest.raises(InfrastructureError):
            recompute(stage.services, NAME, plan.id, partition)
    stage.input.before = lambda verb, path: None
    recompute(stage.services, NAME, plan.id, partition)
    assert switch_job(stage.services, NAME, plan.id).outcome == "switched"


def test_what_a_cancelled_reprocessing_computed_is_not_used_by_the_next_one(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    first, second = sorted(plan.partitions)
    recompute(stage.services, NAME, plan.id, first)
    old_life = stage.state().life_of(plan.id)

    def cancelled_and_started_again(verb: str, path: str) -> None:
        stage.input.before = lambda verb, path: None
        cancel_job(stage.services, plan.id)
        assert start_job(stage.services, plan)

    stage.input.before = cancelled_and_started_again
    assert not recompute(stage.services, NAME, plan.id, second)  # began before, maybe by other rules
    assert stage.state().life_of(plan.id) != old_life
    assert work_left(stage.services, NAME, plan.id) == [first, second]
    assert switch_job(stage.services, NAME, plan.id).outcome == "unfinished"


def test_a_worker_that_wakes_up_in_a_cancelled_reprocessing_leaves_nothing_behind(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    life = stage.state().life_of(plan.id)
    cancel_job(stage.services, plan.id)
    assert not stage.state().note_done(plan.id, life, *plan.partitions, "digest")
    assert stage.state().done(plan.id) == {}
