"""Partitions that cannot be reprocessed keep what they contributed, and hold up no other."""

import pytest

from telemetry_tasks.errors import DamagedObject, InfrastructureError
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.jobs import cancel_job, start_job, work_due, work_left
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here, switch_job
from tests.pipeline.publishing import take_in
from tests.support.deployment import published_bytes
from tests.support.pings import key as key_of
from tests.support.stage import Stage

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
    run_id = stage.state().run_id(plan.id)
    for _ in range(stage.services.options.max_attempts):
        assert stage.state().begin_attempt(plan.id, run_id, poison, 0.0)  # the worker died each time
    for partition in work_left(stage.services, NAME, plan.id):
        assert recompute(stage.services, NAME, plan.id, partition)
    done = switch_job(stage.services, NAME, plan.id)
    assert (done.outcome, done.partitions, done.kept) == ("switched", 1, 1)
    assert poison not in stage.state().merged()
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
    old_run = stage.state().run_id(plan.id)

    def cancelled_and_started_again(verb: str, path: str) -> None:
        stage.input.before = lambda verb, path: None
        cancel_job(stage.services, plan.id)
        assert start_job(stage.services, plan)

    stage.input.before = cancelled_and_started_again
    assert not recompute(stage.services, NAME, plan.id, second)  # began before, maybe by other rules
    assert stage.state().run_id(plan.id) != old_run
    assert work_left(stage.services, NAME, plan.id) == [first, second]
    assert switch_job(stage.services, NAME, plan.id).outcome == "unfinished"


def test_a_worker_that_wakes_up_in_a_cancelled_reprocessing_leaves_nothing_behind(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    run_id = stage.state().run_id(plan.id)
    cancel_job(stage.services, plan.id)
    assert not stage.state().note_done(plan.id, run_id, *plan.partitions, "digest")
    assert stage.state().done(plan.id) == {}


def test_attempts_at_reprocessing_are_spaced_out_as_those_of_intake_are(stage: Stage) -> None:
    stage = stage.with_options(retry_delay=1000.0)
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    (partition,) = plan.partitions

    def breaks(verb: str, path: str) -> None:
        raise RuntimeError("a deployed bug")

    stage.input.before = breaks
    with pytest.raises(RuntimeError):
        recompute(stage.services, NAME, plan.id, partition)
    stage.input.before = lambda verb, path: None
    left = work_left(stage.services, NAME, plan.id)
    assert (left, work_due(stage.services, NAME, plan.id, left)) == ([partition], [])
    for _ in range(stage.services.options.max_attempts):  # messages that come too early use nothing up
        assert not recompute(stage.services, NAME, plan.id, partition)
    assert switch_job(stage.services, NAME, plan.id).outcome == "unfinished"
    stage.elapse(1000.0)
    assert work_due(stage.services, NAME, plan.id, left) == [partition]
    assert recompute(stage.services, NAME, plan.id, partition)
    done = switch_job(stage.services, NAME, plan.id)
    assert (done.outcome, done.kept) == ("switched", 0)


def test_copies_of_a_message_compute_nothing_twice_and_use_up_no_attempt(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    (partition,) = plan.partitions
    copies: list[bool] = []

    def copy_comes_meanwhile(verb: str, path: str) -> None:
        stage.input.before = lambda verb, path: None
        copies.append(recompute(stage.services, NAME, plan.id, partition))

    stage.input.before = copy_comes_meanwhile
    assert recompute(stage.services, NAME, plan.id, partition)
    stage.input.forget_requests()
    copies += [recompute(stage.services, NAME, plan.id, partition) for _ in range(9)]
    assert copies == [False] * 10
    assert not stage.input.requests
    done = switch_job(stage.services, NAME, plan.id)
    assert (done.outcome, done.kept) == ("switched", 0)


def test_a_slow_attempt_is_not_taken_for_a_lost_one(stage: Stage) -> None:
    lease = 1.0
    stage = stage.with_options(merge_lease=lease)
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    (partition,) = plan.partitions
    copies: list[bool] = []

    def slow(verb: str, path: str) -> None:
        stage.input.before = lambda verb, path: None
        for _ in range(4):
            stage.requests.wait_for("renew_attempt")
            stage.elapse(lease / 2)
            copies.append(recompute(stage.services, NAME, plan.id, partition, "copy"))

    stage.input.before = slow
    assert recompute(stage.services, NAME, plan.id, partition, "message")
    assert copies == [False] * 4


def test_a_lost_attempt_is_begun_again_by_its_message_at_once_and_by_a_copy_after_a_short_lease(stage: Stage) -> None:
    stage = stage.with_options(lease=1000.0)
    for key in (A, B):
        take_in(stage, key)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    again, copied = plan.partitions
    run_id = stage.state().run_id(plan.id)
    for partition in (again, copied):  # what a worker does first, and then it dies
        stage.state().begin_attempt(plan.id, run_id, partition, stage.services.options.merge_lease, partition)
    assert recompute(stage.services, NAME, plan.id, again, again)
    assert not recompute(stage.services, NAME, plan.id, copied, "copy")
    stage.elapse(stage.services.options.merge_lease)
    assert recompute(stage.services, NAME, plan.id, copied, "copy")
    assert switch_job(stage.services, NAME, plan.id).outcome == "switched"


@pytest.mark.parametrize("error", [InfrastructureError("away"), KeyboardInterrupt()])
def test_what_is_none_of_a_partition_s_fault_is_tried_again_at_once(stage: Stage, error: BaseException) -> None:
    stage = stage.with_options(retry_delay=1000.0)
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)

    def fails(verb: str, path: str) -> None:
        stage.input.before = lambda verb, path: None
        raise error

    stage.input.before = fails
    with pytest.raises(type(error)):
        reprocess_here(stage.services, plan)
    assert reprocess_here(stage.services, plan).outcome == "switched"


def test_a_ping_file_that_is_damaged_for_good_lets_the_reprocessing_end(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    (partition,) = plan.partitions

    def damaged(verb: str, path: str) -> None:
        raise DamagedObject("not what the store says of it")

    stage.input.before = damaged
    for _ in range(stage.services.options.max_attempts):
        with pytest.raises(DamagedObject):
            recompute(stage.services, NAME, plan.id, partition)
    assert recompute(stage.services, NAME, plan.id, partition)
    assert switch_job(stage.services, NAME, plan.id).outcome == "kept"
