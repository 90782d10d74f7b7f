"""Files that were replaced in the bucket: computed again once, and looked at cheaply meanwhile."""

from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.changed_files import plan_changed
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from tests.pipeline.publishing import processed, take_in
from tests.support.deployment import aggregate_all, merge_all
from tests.support.pings import key as key_of
from tests.support.pings import ping, ping_file
from tests.support.stage import Stage

A, B, C = key_of("a"), key_of("b"), key_of("c")
OTHER = key_of("o", channel="aurora", version="27.0a2")
NEW = ping_file(ping(bucket=2))


def found(stage: Stage) -> tuple[str, ...]:
    return discover(stage.services, stage.input.now(), all_now=True).changed


def test_changed_files_make_one_job_a_channel_version(stage: Stage) -> None:
    for at in (A, B, C, OTHER):
        take_in(stage, at)
    stage.upload(A, B, OTHER, body=NEW)
    changed = plan_changed(stage.services, found(stage))
    assert [(plan.channel_version, len(plan.replacements)) for plan in changed.plans] == [
        ("aurora/27", 1),
        ("nightly/28", 2),
    ]
    assert changed.waiting == 0
    for plan in changed.plans:
        assert reprocess_here(stage.services, plan).outcome == "switched"
    publish(stage.services)
    assert processed(stage) == sorted([A, B, C, OTHER])
    assert list(verify(stage.services)) == []
    assert found(stage) == ()


def test_a_file_that_changed_before_it_counted_waits_until_it_does(stage: Stage) -> None:
    stage.upload(A)
    discover(stage.services, stage.input.now(), all_now=True)
    stage.upload(A, body=NEW)
    changed = plan_changed(stage.services, found(stage))
    assert (changed.plans, changed.waiting) == ((), 1)
    take_in(stage, B)  # A counts by now, too: as missing
    (plan,) = plan_changed(stage.services, found(stage)).plans
    assert reprocess_here(stage.services, plan).outcome == "switched"
    publish(stage.services)
    assert processed(stage) == [A, B]


def test_changed_files_of_a_job_under_way_cost_no_look_at_the_ledger(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    (whole,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, whole)
    stage.upload(A, body=NEW)
    keys = found(stage)
    stage.backend.set_block("nightly/28", "l20131205", b"damage")  # who reads the ledger now raises
    stage.input.forget_requests()
    changed = plan_changed(stage.services, keys)
    assert (changed.plans, changed.waiting) == ((), 1)
    assert not stage.input.requests


def test_without_changed_files_nothing_is_asked(stage: Stage) -> None:
    stage.lose_state()
    assert plan_changed(stage.services, ()).plans == ()


def test_a_file_that_was_another_one_while_it_was_read_counts_within_two_discoveries(stage: Stage) -> None:
    """A when discovered, B when read, A again: the ETag is the registered one throughout."""
    old = ping_file(ping())
    stage.upload(A, body=old)
    discover(stage.services, stage.input.now(), all_now=True)
    stage.upload(A, body=NEW)
    aggregate_all(stage.services)
    merge_all(stage.services)
    stage.upload(A, body=old)
    publish(stage.services)
    assert processed(stage) == []
    (plan,) = plan_changed(stage.services, found(stage)).plans
    assert reprocess_here(stage.services, plan).outcome == "switched"
    publish(stage.services)
    assert processed(stage) == [A]
    assert found(stage) == ()
    assert list(verify(stage.services)) == []


def test_a_file_that_was_gone_while_it_was_read_counts_when_it_is_back(stage: Stage) -> None:
    old = ping_file(ping())
    stage.upload(A, body=old)
    discover(stage.services, stage.input.now(), all_now=True)
    stage.input.delete([A])
    aggregate_all(stage.services)
    merge_all(stage.services)
    assert found(stage) == ()
    stage.upload(A, body=old)
    (plan,) = plan_changed(stage.services, found(stage)).plans
    assert reprocess_here(stage.services, plan).outcome == "switched"
    publish(stage.services)
    assert processed(stage) == [A]
    assert found(stage) == ()


def test_it_is_found_again_after_a_restore_too(stage: Stage) -> None:
    old = ping_file(ping())
    stage.upload(A, body=old)
    discover(stage.services, stage.input.now(), all_now=True)
    stage.upload(A, body=NEW)
    aggregate_all(stage.services)
    merge_all(stage.services)
    checkpoint(stage.services)
    stage.lose_state()
    ensure_state(stage.services)
    stage.upload(A, body=old)
    assert found(stage) == (A,)


def test_a_reprocessing_that_meets_another_file_than_it_planned_is_followed_by_one_more(stage: Stage) -> None:
    old, third = ping_file(ping()), ping_file(ping(), ping())
    stage.upload(A, body=old)
    take_in(stage, B)
    stage.upload(A, body=NEW)
    (plan,) = plan_changed(stage.services, found(stage)).plans
    stage.upload(A, body=third)
    assert reprocess_here(stage.services, plan).outcome == "switched"
    stage.upload(A, body=NEW)
    (plan,) = plan_changed(stage.services, found(stage)).plans
    assert reprocess_here(stage.services, plan).outcome == "switched"
    publish(stage.services)
    assert processed(stage) == [A, B]
