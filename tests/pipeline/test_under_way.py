"""A publish or a checkpoint that did not end is started again, and no other."""

import pytest

from telemetry_tasks.pipeline.publish.snapshot import plan_publish, publish
from telemetry_tasks.pipeline.publish.under_way import (
    CHECKPOINT,
    PUBLISH,
    at_work,
    ended,
    no_longer_under_way,
    publishing,
    steps_to_start,
    want_again,
)
from tests.support.deployment import aggregate_all, merge_all
from tests.support.pings import key
from tests.support.stage import Stage

LEASE = 1.0


@pytest.fixture
def counted(stage: Stage) -> Stage:
    """Something to publish, and a lease that is soon over."""
    stage = stage.with_options(publish_lease=LEASE)
    stage.upload(key("one"))
    aggregate_all(stage.services)
    merge_all(stage.services)
    return stage


def test_nothing_is_started_that_ended(stage: Stage) -> None:
    for step in (PUBLISH, CHECKPOINT):
        want_again(stage.services, step)
        assert steps_to_start(stage.services) == [step]
        ended(stage.services, step)
        assert steps_to_start(stage.services) == []


def test_a_publish_whose_chord_is_lost_is_started_again_after_its_lease(counted: Stage) -> None:
    want_again(counted.services, PUBLISH)
    plan = plan_publish(counted.services)
    assert plan is not None
    assert steps_to_start(counted.services) == []
    counted.elapse(LEASE)
    assert steps_to_start(counted.services) == [PUBLISH]
    assert publish(counted.services).outcome == "published"


def test_a_publish_that_takes_longer_than_its_lease_is_alone(counted: Stage) -> None:
    plan = plan_publish(counted.services)
    assert plan is not None
    with at_work(counted.services, plan.stamp):
        for _ in range(3):
            counted.requests.wait_for("set_note")
            counted.elapse(LEASE / 2)
        assert publishing(counted.services) == plan.stamp
    no_longer_under_way(counted.services, plan.stamp)
    assert publishing(counted.services) is None


def test_a_late_task_of_one_publish_does_not_hold_up_another_one(counted: Stage) -> None:
    plan = plan_publish(counted.services)
    assert plan is not None
    with at_work(counted.services, "20000101000000"):
        assert publishing(counted.services) == plan.stamp
    no_longer_under_way(counted.services, "20000101000000")
    assert publishing(counted.services) == plan.stamp
