"""Every long step says how far it is, of a total that it knows from the beginning."""

from collections.abc import Callable, Iterator

import pytest

from telemetry_tasks.pipeline.progress import BytesRead, counted, reporting
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from tests.pipeline.publishing import take_in
from tests.support.deployment import aggregate_all, merge_all
from tests.support.pings import key
from tests.support.stage import Stage

Told = list[tuple[int, int, str]]


@pytest.fixture
def told() -> Iterator[Told]:
    """What was reported, as it came."""
    reports: Told = []
    with reporting(lambda *report: reports.append(report)):
        yield reports


def test_what_is_counted_comes_through_as_it_is(told: Told) -> None:
    assert list(counted("abc", 3, "letters")) == ["a", "b", "c"]
    assert told == [(0, 3, "letters"), (1, 3, "letters"), (2, 3, "letters")]


def test_outside_nobody_is_told(told: Told) -> None:
    with reporting(lambda *report: None):
        list(counted("abc", 3, "letters"))
    assert told == []


STEPS: list[tuple[Callable[[Stage], object], set[str]]] = [
    (lambda stage: aggregate_all(stage.services), {"bytes"}),
    (lambda stage: merge_all(stage.services), {"results", "merged slices"}),
    (lambda stage: publish(stage.services), {"measures of nightly/28", "channel/versions"}),
    (
        lambda stage: checkpoint(stage.services),
        {"blocks of nightly/28", "measures of nightly/28", "channel/versions", "channel/versions read back"},
    ),
    (
        lambda stage: [reprocess_here(stage.services, plan) for plan in plan_jobs(stage.services, Selection())],
        {"bytes", "results"},
    ),
]


def test_each_long_step_reports(stage: Stage, told: Told) -> None:
    stage.upload(key("a"), key("b"))
    for step, whats in STEPS:
        told.clear()
        stage.clock.pass_(60)
        step(stage)
        assert {what for _, _, what in told} == whats
        assert all(0 <= done <= total for done, total, _ in told), told


def test_a_file_that_is_read_again_counts_from_its_start(stage: Stage, told: Told) -> None:
    take_in(stage, key("a"), key("b"))
    (plan,) = plan_jobs(stage.services, Selection())
    (partition,) = plan.partitions.values()
    told.clear()
    read = BytesRead(partition)
    for name in (key("a"), key("a"), key("b")):
        list(read.counted(name, [b"12", b"3"]))
    total = sum(file.size for file in partition.files)
    assert [report[0] for report in told] == [2, 3, 2, 3, 5, 6]
    assert {report[1:] for report in told} == {(total, "bytes")}
