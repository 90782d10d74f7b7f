"""What tasks met: said at once, a finding if it needs a person, over if the same work goes well."""

import pytest

from telemetry_tasks.formats import recent_failure as failure_format
from telemetry_tasks.formats.recent_failure import EXCEPTION, FAILED, GIVEN_BACK, TIME_LIMIT, RecentFailure
from telemetry_tasks.pipeline.failures import PERSISTENT_AFTER, board, load_failures, note_failure, note_success
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.status_values import Status
from tests.support.living import all_live
from tests.support.stage import Stage

FULL = "s3://results: writing: the server answered 500 InternalError"


def note(stage: Stage, *moments: float, kind: str = GIVEN_BACK, reason: str = FULL, **names: str) -> None:
    all_live(stage.backend.post)
    for moment in moments:
        given = {"task": "aggregate_partition", "where": "nightly/28", "work": "p1", **names}
        note_failure(
            board(stage.services.state), RecentFailure(kind=kind, reason=reason, since=moment, last=moment, **given)
        )


def looked(stage: Stage) -> Status:
    return status(stage.services, stage.input.now())


def test_a_service_that_is_away_for_a_moment_is_said_and_needs_nobody(stage: Stage) -> None:
    note(stage, 100.0, 100.0 + PERSISTENT_AFTER - 1)
    found = looked(stage)
    assert found.healthy
    assert [(failure.reason, failure.times) for failure in found.failures] == [(FULL, 2)]


def test_one_that_is_away_for_longer_needs_a_person(stage: Stage) -> None:
    note(stage, 100.0, 130.0, 100.0 + PERSISTENT_AFTER)
    (finding,) = looked(stage).findings
    assert (finding.code, finding.about) == ("task-given-back", "aggregate_partition nightly/28")
    assert (finding.text, finding.since) == (f"aggregate_partition (nightly/28): {FULL}, 3 times", 100.0)


@pytest.mark.parametrize("kind", [FAILED, TIME_LIMIT, EXCEPTION])
def test_what_does_not_pass_by_itself_needs_a_person_at_once(stage: Stage, kind: str) -> None:
    note(stage, 100.0, kind=kind, reason="KeyError: 'x'")
    (finding,) = looked(stage).findings
    assert finding.code == f"task-{kind}"
    assert finding.text.endswith("KeyError: 'x', 1 time")


def test_it_is_over_once_the_same_work_went_well_and_not_if_other_work_did(stage: Stage) -> None:
    note(stage, 100.0, kind=EXCEPTION)
    on = board(stage.services.state)
    note_success(on, "aggregate_partition", "nightly/28", "p2")
    note_success(on, "merge_round")
    assert not looked(stage).healthy
    note_success(on, "aggregate_partition", "nightly/28", "p1")
    assert looked(stage).failures == ()


def test_a_task_of_the_whole_ends_all_that_it_met(stage: Stage) -> None:
    note(stage, 100.0, task="finish_publish", where="", work="")
    note(stage, 100.0, task="finish_publish", where="nightly/22", work="")
    note_success(board(stage.services.state), "finish_publish")
    assert looked(stage).failures == ()


def test_the_same_of_many_partitions_is_told_once(stage: Stage) -> None:
    for number in range(30):
        note(stage, 100.0 + number, kind=FAILED, work=f"p{number}")
    (finding,) = looked(stage).findings
    assert (finding.since, finding.text.endswith(", 30 times")) == (100.0, True)


def test_trouble_with_one_partition_that_does_not_come_again_is_over(stage: Stage) -> None:
    note(stage, 100.0, kind=EXCEPTION, work="split")
    note(stage, 100.0, kind=EXCEPTION, task="publish_channel_version", work="")
    stage.elapse(16 * 60)
    assert [failure.task for failure in load_failures(stage.services.state)] == ["publish_channel_version"]


def test_a_note_of_another_version_is_none(stage: Stage) -> None:
    on = board(stage.services.state)
    known = RecentFailure("task", "", "", EXCEPTION, "reason", 1.0, 2.0)
    body = failure_format.encode(known)
    for bad in (b"\xc1", body[:-1], body.replace(b"exception", b"something")):
        on.write("task", bad)
        assert load_failures(stage.services.state) == ()
    note_failure(on, known)
    assert load_failures(stage.services.state) == (known,)
