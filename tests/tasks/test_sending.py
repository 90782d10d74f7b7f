"""What the broker does not take is not missed for a lease."""

import pytest
from kombu.exceptions import OperationalError

from telemetry_tasks.app import app
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import ClaimedPartition, claim_partitions
from telemetry_tasks.pipeline.state.merge import SlicedBatch, plan_merges
from telemetry_tasks.tasks import control
from telemetry_tasks.tasks.control import merge_the_last, send_jobs, send_merges
from tests.support.deployment import aggregate_all
from tests.support.pings import key
from tests.support.stage import Stage


def test_partitions_that_a_broker_that_goes_away_did_not_take_wait_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage.with_options(partition_files=1, window=6)
    stage.upload(*(key(f"f{i}") for i in range(4)), *(key(f"f{i}", channel="beta") for i in range(4)))
    discover(stage.services, stage.input.now(), all_now=True)
    taken: list[ClaimedPartition] = []

    def broker(task: str, arguments: tuple[str, str]) -> None:
        if len(taken) == 2:
            raise OperationalError("away")
        taken.append(ClaimedPartition(*arguments))

    monkeypatch.setattr(app, "send_task", broker)
    with pytest.raises(OperationalError):
        send_jobs(stage.services)
    states = [stage.state("beta/28"), stage.state()]
    assert sum(state.running_count() for state in states) == 2
    monkeypatch.setattr(app, "send_task", lambda task, arguments: taken.append(ClaimedPartition(*arguments)))
    send_jobs(stage.services)
    assert len(set(taken)) == 6
    attempts = [stage.state(job.channel_version).start(job.partition, 60) for job in taken]
    assert attempts == [1] * 6


def test_what_one_has_claimed_and_not_sent_yet_does_not_look_lost_to_a_sweep(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage.with_options(partition_files=1, window=6, lease=60.0)
    queue: list[tuple[str, str]] = []

    def send(task: str, arguments: tuple[str, str]) -> None:
        if len(queue) == 3:  # half of it: a sweep comes in between
            queue.append(arguments)
            send_jobs(stage.services, lost=True)
        else:
            queue.append(arguments)

    monkeypatch.setattr(app, "send_task", send)
    monkeypatch.setattr(control, "waiting_in", lambda name: len(queue))
    stage.upload(*(key(f"f{i}") for i in range(3)))
    discover(stage.services, stage.input.now(), all_now=True)
    send_jobs(stage.services)
    stage.elapse(60.0)  # all three are overdue
    stage.upload(*(key(f"f{i}") for i in range(3, 6)))
    discover(stage.services, stage.input.now(), all_now=True)
    send_jobs(stage.services)
    assert len(queue) == 6
    del queue[:]
    send_jobs(stage.services, lost=True)
    assert len(queue) >= 3  # those that got lost are sent again by the next one


def test_batches_that_a_broker_that_goes_away_did_not_take_are_sent_by_the_next_round(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage.with_options(partition_files=1, batch_partitions=1, merge_lease=1000.0)
    stage.upload(*(key(f"f{i}") for i in range(3)))
    aggregate_all(stage.services)
    sent: list[SlicedBatch] = []

    def broker(job: SlicedBatch) -> None:
        if len(sent) == 1:
            raise OperationalError("away")
        sent.append(job)

    monkeypatch.setattr(control, "waiting_in", lambda name: 0)
    monkeypatch.setattr(control, "_send_merge", broker)
    with pytest.raises(OperationalError):
        send_merges(stage.services)
    assert len(set(plan_merges(stage.services)) | set(sent)) == 3
    assert plan_merges(stage.services) == []


def test_the_last_partition_does_not_wait_for_a_merge_round(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stage.with_options(partition_files=1)
    stage.upload(*(key(f"f{i}") for i in range(2)))
    discover(stage.services, stage.input.now(), all_now=True)
    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda task, **_: sent.append(task))
    rounds = []
    for job in claim_partitions(stage.services):
        aggregate_partition(stage.services, job.channel_version, job.partition)
        merge_the_last(stage.services, job.channel_version)
        rounds.append(len(sent))
    assert (rounds, sent) == ([0, 1], ["merge_round"])
