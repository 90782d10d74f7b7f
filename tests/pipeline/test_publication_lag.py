"""Files that wait to be seen by readers: until they are, or until nobody will ever see them."""

import pytest

from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from tests.pipeline.publishing import take_in
from tests.support.deployment import aggregate_all
from tests.support.pings import key
from tests.support.stage import Stage

A, B = key("a"), key("b")


def reprocess(stage: Stage) -> None:
    for plan in plan_jobs(stage.services, Selection()):
        assert reprocess_here(stage.services, plan).outcome == "switched"


def waiting(stage: Stage) -> float | None:
    stage.clock.pass_(86400)
    (version,) = status(stage.services, stage.clock()).versions
    return version.oldest_unpublished


def test_what_is_published_waits_no_more(stage: Stage) -> None:
    take_in(stage, A)
    assert waiting(stage) == 86400
    publish(stage.services)
    assert waiting(stage) is None


@pytest.mark.parametrize("beside", [(), (B,)])
def test_a_file_that_was_taken_out_before_anybody_saw_it_waits_no_more(stage: Stage, beside: tuple[str, ...]) -> None:
    take_in(stage, key("before"))
    publish(stage.services)
    take_in(stage, A, *beside)
    stage.input.delete([A])
    reprocess(stage)
    publish(stage.services)
    assert waiting(stage) is None


def test_one_that_does_not_count_yet_goes_on_waiting(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    stage.upload(B)
    aggregate_all(stage.services)
    publish(stage.services)
    assert waiting(stage) == 86400
