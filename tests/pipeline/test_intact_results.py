"""Reprocessing takes out what counted, also where the partial results of that are gone, damaged, or by older rules."""

from collections.abc import Callable

import pytest

from telemetry_tasks.core import result as result_of
from telemetry_tasks.errors import DamagedObject
from telemetry_tasks.formats import partial
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.changed_files import plan_changed
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import Switched, reprocess_here, switch_job
from tests.pipeline.publishing import processed, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import CACHE, FLAG, key, ping, ping_file
from tests.support.stage import Make, Stage
from tests.support.stores import damage

NAME = "nightly/28"
A, B, C = key("a"), key("b"), key("c")


def results(stage: Stage) -> list[str]:
    return [info.key for info in stage.results.list("results/")]


def lose(stage: Stage) -> None:
    stage.results.delete(results(stage))


def spoil(stage: Stage) -> None:
    for name in results(stage):
        damage(stage.results, name)


def rot(stage: Stage) -> None:
    rotten = set(results(stage))

    def before(verb: str, name: str) -> None:
        if verb == "get" and name in rotten:
            raise DamagedObject(f"{name}: the md5 of the body is another one")
        if verb == "put":
            rotten.discard(name)

    stage.results.before = before


def reprocess(stage: Stage, *files: str) -> list[str]:
    plans = plan_jobs(stage.services, Selection(files=files))
    return [reprocess_here(stage.services, plan).outcome for plan in plans]


@pytest.mark.parametrize("harm", [lose, spoil, rot])
def test_they_are_made_again_from_their_ping_files(
    stage: Stage, make_stage: Make, harm: Callable[[Stage], None]
) -> None:
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    before = published_bytes(stage.published)
    harm(stage)
    for file in (A, B):  # of all at once the old results would not be needed
        assert reprocess(stage, file) == ["switched"]
    publish(stage.services)
    assert published_bytes(stage.published) == before
    assert list(verify(stage.services)) == []


def test_where_those_are_gone_too_a_part_is_refused_and_nothing_changes(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    lose(stage)
    stage.input.delete([A])
    (outcome,) = reprocess(stage, A)
    assert outcome.startswith("a result is gone or damaged, and its ping files do not give it any more")
    assert stage.state().jobs() == {}  # or a person who watches would wait for ever
    publish(stage.services)
    assert processed(stage) == [A, B]


def partition_with(stage: Stage, file: str) -> str:
    return stage.state().registered([file])[file][1]


def codes(stage: Stage) -> dict[str, str]:
    found = status(stage.services, stage.published.now()).findings
    return {each.code: each.remedy for each in found if each.code not in ("no-worker", "no-beat")}


def discovery(stage: Stage) -> list[Switched]:
    """What the jobs of one discovery came to."""
    changed = discover(stage.services, stage.input.now(), all_now=True).changed
    plans = plan_changed(stage.services, changed, all=True).plans
    return [reprocess_here(stage.services, plan) for plan in plans]


def test_a_replaced_file_whose_old_result_is_gone_is_told_tried_seldom_and_holds_up_no_other(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    take_in(stage, C)
    publish(stage.services)
    stage.results.delete([f"results/{NAME}/{partition_with(stage, A)}"])
    stage.upload(A, B, body=ping_file(ping(CACHE)))
    assert [(done.outcome, done.partitions, done.kept) for done in discovery(stage)] == [("switched", 1, 1)]
    assert discovery(stage) == []  # not again and again
    assert codes(stage) == {
        "old-content-counts": "count all files of the bucket again: telemetry-tasks reprocess --channel nightly "
        "--version 28"
    }
    assert reprocess(stage) == ["switched"]
    publish(stage.services)
    assert codes(stage) == {}
    assert processed(stage) == [A, B, C]
    assert list(verify(stage.services)) == []
    assert discovery(stage) == []


def test_a_replaced_file_that_is_put_back_is_not_told_any_more(stage: Stage) -> None:
    old = ping_file(ping())
    take_in(stage, A, pings=[ping()])
    take_in(stage, B)
    stage.results.delete([f"results/{NAME}/{partition_with(stage, A)}"])
    stage.upload(A, body=ping_file(ping(CACHE)))
    assert [done.kept for done in discovery(stage)] == [1]
    assert set(codes(stage)) == {"old-content-counts"}
    stage.upload(A, body=old)
    assert discovery(stage) == []
    assert codes(stage) == {}


def test_where_everything_is_computed_again_the_old_results_are_not_needed(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    lose(stage)
    stage.input.delete([A])
    assert reprocess(stage) == ["switched"]
    publish(stage.services)
    assert processed(stage) == [B]
    assert list(verify(stage.services)) == []


@pytest.mark.parametrize("changed", [False, True])
def test_a_new_result_that_went_before_the_switch_holds_up_no_job(stage: Stage, changed: bool) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    (partition,) = plan.partitions
    assert recompute(stage.services, NAME, plan.id, partition)
    stage.results.delete([f"results/{NAME}/{partition}"])
    if changed:
        stage.upload(A, body=ping_file(ping(CACHE)))
    outcome = switch_job(stage.services, NAME, plan.id).outcome
    assert outcome == "switched" if not changed else outcome.startswith("a result is gone or damaged")
    assert stage.state().jobs() == {}
    publish(stage.services)
    assert processed(stage) == [A]


def test_one_by_older_rules_can_be_taken_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    before = published_bytes(stage.published)
    newer = result_of.RULES_VERSION + 1
    monkeypatch.setattr(partial, "RULES_VERSION", newer)
    monkeypatch.setattr("telemetry_tasks.core.partition.RULES_VERSION", newer)
    for file in (A, B):  # of all at once the old results would not be needed
        assert reprocess(stage, file) == ["switched"]
    publish(stage.services)
    assert published_bytes(stage.published) == before


def test_a_measure_is_looked_for_in_files_where_the_result_is_damaged(stage: Stage) -> None:
    take_in(stage, A)
    rot(stage)
    assert len(plan_jobs(stage.services, Selection(measures=(FLAG,)))) == 1
