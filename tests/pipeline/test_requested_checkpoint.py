"""Checkpoints that are wanted: none too few, and not one for each who wants one."""

from telemetry_tasks.pipeline.recovery.checkpoint import note_beginning, request_checkpoint
from tests.support.stage import Stage


def test_one_is_sent_for_all_who_want_one_before_it_begins(stage: Stage) -> None:
    assert [request_checkpoint(stage.services) for _ in range(3)] == [True, False, False]


def test_one_that_has_begun_does_for_nobody_after_that(stage: Stage) -> None:
    request_checkpoint(stage.services)
    note_beginning(stage.services)
    assert request_checkpoint(stage.services)


def test_one_that_never_came_is_sent_for_again(stage: Stage) -> None:
    request_checkpoint(stage.services)
    stage.elapse(stage.services.options.merge_lease)
    assert request_checkpoint(stage.services)
