"""Batches, merged slices and commits: whatever comes twice, late or damaged, each partition counts once."""

import random

import pytest

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.views import marginal
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from telemetry_tasks.pipeline.results import result_key
from telemetry_tasks.pipeline.state import merge
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.pipeline.state.merge import SlicedBatch, merge_slice, plan_merges, reduce_batch
from telemetry_tasks.pipeline.state.rebuild import sum_of_base
from telemetry_tasks.storage.state_values import BuiltWith
from tests.support.deployment import READING, aggregate_all, begin_later_epoch
from tests.support.pings import key, ping, ping_file
from tests.support.stage import Stage
from tests.support.stores import damage

NAME = "nightly/28"
BUILT_WITH = BuiltWith(READING)
LEASE = 1.0


@pytest.fixture
def aggregated(stage: Stage) -> Stage:
    """Six aggregated partitions of one file each; batches of four, slices of two; short leases."""
    stage = stage.with_options(partition_files=1, batch_partitions=4, slice_partitions=2, merge_lease=LEASE)
    for i in range(6):
        stage.upload(key(f"f{i}"), body=ping_file(*(ping(bucket=i % 3) for _ in range(i + 1))))
    aggregate_all(stage.services)
    return stage


def slices_of(stage: Stage, job: SlicedBatch) -> list[str]:
    return [merge_slice(stage.services, job.channel_version, part) for part in job.slices]


def merged(stage: Stage, job: SlicedBatch) -> str:
    return reduce_batch(stage.services, job.channel_version, job.batch, slices_of(stage, job))


def total(stage: Stage) -> Cells:
    state = stage.state()
    return sum_of_base(state, compact(state))


def pings_counted(stage: Stage) -> int:
    """By the state alone: the number of pings by build date."""
    cells = total(stage)
    pings = [i for i, run in enumerate(cells.runs) if run.measure == ""]
    column = int(cells.first_columns[pings[0]]) if pings else -1
    rows = cells.whole.rows
    chosen = cells.whole.columns == column
    return sum(
        int(n)
        for n, row in zip(cells.whole.numbers[chosen], rows[chosen], strict=True)
        if cells.rows[int(row)].build_date
    )


ALL = 1 + 2 + 3 + 4 + 5 + 6


def test_finished_partitions_are_planned_in_batches_and_slices(aggregated: Stage) -> None:
    jobs = plan_merges(aggregated.services)
    assert sorted(len(job.slices) for job in jobs) == [1, 2]
    assert sum(len(part) for job in jobs for part in job.slices) == 6
    assert plan_merges(aggregated.services) == []


def test_a_batch_that_is_larger_than_batches_are_now_is_merged_in_smaller_ones(aggregated: Stage) -> None:
    late = plan_merges(aggregated.services)
    slices = [slices_of(aggregated, job) for job in late]
    aggregated.elapse(LEASE)
    smaller = aggregated.with_options(batch_partitions=1)
    jobs = plan_merges(smaller.services)
    assert [len(part) for job in jobs for part in job.slices] == [1] * 6
    assert reduce_batch(aggregated.services, NAME, late[0].batch, slices[0]) == "merged before"
    assert {merged(smaller, job) for job in jobs} == {"merged"}
    assert pings_counted(aggregated) == ALL


def test_a_slice_reads_no_more_of_a_long_backlog_than_it_merges(aggregated: Stage) -> None:
    job = plan_merges(aggregated.services)[0]
    aggregated.requests.answers.clear()
    merge_slice(aggregated.services, NAME, job.slices[0])
    assert [len(answer) for request, answer in aggregated.requests.answers if request == "aggregated"] == [2]


def test_everything_counts_once_all_is_merged(aggregated: Stage) -> None:
    assert {merged(aggregated, job) for job in plan_merges(aggregated.services)} == {"merged"}
    assert pings_counted(aggregated) == ALL
    assert aggregated.state().aggregated() == {}
    assert list(aggregated.results.list("merged-slices/")) == []


def test_a_batch_that_is_reduced_twice_counts_once(aggregated: Stage) -> None:
    for job in plan_merges(aggregated.services):
        slices = slices_of(aggregated, job)
        again = slices_of(aggregated, job)
        reduce_batch(aggregated.services, job.channel_version, job.batch, slices)
        assert reduce_batch(aggregated.services, job.channel_version, job.batch, slices) == "merged before"
        assert reduce_batch(aggregated.services, job.channel_version, job.batch, again) == "merged before"
    assert pings_counted(aggregated) == ALL


def test_a_second_reducer_in_the_middle_of_the_first_counts_once(aggregated: Stage) -> None:
    (job, *_) = plan_merges(aggregated.services)
    slices, again = slices_of(aggregated, job), slices_of(aggregated, job)
    outcomes = []

    def overtaken(verb: str, name: str) -> None:
        if name == slices[0]:
            aggregated.results.before = lambda verb, name: None
            outcomes.append(reduce_batch(aggregated.services, NAME, job.batch, again))

    aggregated.results.before = overtaken
    outcomes.append(reduce_batch(aggregated.services, NAME, job.batch, slices))
    assert outcomes == ["merged", "nothing to merge"]
    assert len(aggregated.state().merged()) == sum(map(len, job.slices))


def test_when_some_of_a_batch_counts_already_the_rest_is_added_again(aggregated: Stage) -> None:
    job = max(plan_merges(aggregated.services), key=lambda job: len(job.slices))
    state = aggregated.state()
    first = merge.delta_of_results(aggregated.services, state, job.slices[0])
    body = merge.delta_format.encode(first)
    assert state.commit(body, {entry.partition.id: entry.digest for entry in first.added}, built_with=BUILT_WITH).ok
    assert merged(aggregated, job) == "merged"
    assert set(state.merged()) == {*job.slices[0], *job.slices[1]}
    finish(aggregated)
    assert pings_counted(aggregated) == ALL


@pytest.mark.parametrize("some", [1, 2])
def test_a_slice_made_before_part_of_it_counted_does_not_count_that_part_twice(aggregated: Stage, some: int) -> None:
    job = max(plan_merges(aggregated.services), key=lambda job: len(job.slices))
    slices = slices_of(aggregated, job)[:some]
    state = aggregated.state()
    early = merge.delta_of_results(aggregated.services, state, job.slices[0][:1])
    counted = {entry.partition.id: entry.digest for entry in early.added}
    assert state.commit(merge.delta_format.encode(early), counted, built_with=BUILT_WITH).ok
    assert reduce_batch(aggregated.services, NAME, job.batch, slices) == "merged"
    assert state.batch(job.batch) is None
    finish(aggregated)
    assert pings_counted(aggregated) == ALL


def finish(stage: Stage) -> None:
    """Rounds until nothing is left, overdue batches too."""
    for _ in range(5):
        for job in plan_merges(stage.services):
            merged(stage, job)
        if not stage.state().aggregated():
            return
        stage.elapse(LEASE)
    pytest.fail("something is never merged")


def test_a_chord_that_was_lost_is_planned_again_when_its_lease_is_over(aggregated: Stage) -> None:
    first = plan_merges(aggregated.services)
    assert plan_merges(aggregated.services) == []
    aggregated.elapse(LEASE)
    assert sorted(job.batch for job in plan_merges(aggregated.services)) == sorted(job.batch for job in first)
    finish(aggregated)
    assert pings_counted(aggregated) == ALL


def test_a_merged_slice_that_is_gone_costs_time_and_no_data(aggregated: Stage) -> None:
    (job, *_) = plan_merges(aggregated.services)
    slices = slices_of(aggregated, job)
    aggregated.results.delete(slices[:1])
    assert "gone" in reduce_batch(aggregated.services, NAME, job.batch, slices)
    assert aggregated.state().merged() == {}
    finish(aggregated)
    assert pings_counted(aggregated) == ALL


def test_a_merged_slice_that_is_damaged_costs_time_and_no_data(aggregated: Stage) -> None:
    (job, *_) = plan_merges(aggregated.services)
    slices = slices_of(aggregated, job)
    damage(aggregated.results, slices[0])
    assert "gone" in reduce_batch(aggregated.services, NAME, job.batch, slices)
    finish(aggregated)
    assert pings_counted(aggregated) == ALL


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_a_result_that_is_not_sound_is_sent_back_and_the_rest_counts(aggregated: Stage, how: str) -> None:
    jobs = plan_merges(aggregated.services)
    victim = jobs[0].slices[0][0]
    path = result_key(NAME, victim)
    if how == "damaged":
        damage(aggregated.results, path)
    else:
        aggregated.results.delete([path])
    for job in jobs:
        merged(aggregated, job)
    state = aggregated.state()
    assert len(state.merged()) == 5
    assert victim not in state.merged()
    assert state.counts().waiting == 1
    aggregate_all(aggregated.services)
    finish(aggregated)
    assert pings_counted(aggregated) == ALL


def test_a_result_that_another_put_there_is_not_counted_for_it(aggregated: Stage) -> None:
    """A sound result, but not the one that was stored: by its digest it is found out."""
    job = plan_merges(aggregated.services)[0]
    victim, other = job.slices[0][:2]
    stolen = aggregated.results.get(result_key(NAME, other))
    aggregated.results.put(result_key(NAME, victim), stolen.body, headers=stolen.headers)
    merged(aggregated, job)
    assert victim not in aggregated.state().merged()


def test_a_commit_of_an_epoch_that_is_over_counts_nothing(aggregated: Stage) -> None:
    job = plan_merges(aggregated.services)[0]
    slices = slices_of(aggregated, job)
    state = aggregated.state()
    delta = merge.delta_of_results(aggregated.services, state, job.slices[0])
    batch = state.batch(job.batch)
    assert batch is not None
    later = aggregated.services.state.next_epoch()
    aggregated.services.state.channel_version(NAME, later).begin()
    assert merge.commit_delta(aggregated.services, state, delta, batch) == "stale"
    begin_later_epoch(aggregated.services.state, later)
    assert reduce_batch(aggregated.services, NAME, job.batch, slices) == "merged before"
    assert aggregated.state().merged() == {}


@pytest.mark.parametrize("seed", range(3))
def test_the_sum_does_not_depend_on_order_or_grouping(stage: Stage, seed: int) -> None:
    order = random.Random(seed)
    stage = stage.with_options(
        partition_files=order.randint(1, 4), batch_partitions=order.randint(1, 6), slice_partitions=order.randint(1, 3)
    )
    files = {key(f"f{i}", day=1 + i % 4): ping_file(*(ping(bucket=i % 3) for _ in range(i + 1))) for i in range(6)}
    for name in order.sample(sorted(files), len(files)):
        stage.upload(name, body=files[name])
    aggregate_all(stage.services, order)
    jobs = plan_merges(stage.services)
    order.shuffle(jobs)
    for job in jobs:
        merged(stage, job)
        if order.random() < 0.5:
            compact(stage.state())
    in_one = [ping_file_cells(stage, name) for name in sorted(files)]
    assert total(stage).same(add_cells(in_one))


def ping_file_cells(stage: Stage, name: str) -> Cells:
    body = stage.input.get(name).body
    return marginal(aggregate([PingFile(name, lambda: iter([body]))], stage.services.ping_format).cells[NAME])


def test_a_batch_that_is_worked_on_is_not_planned_again_however_long_it_takes(aggregated: Stage) -> None:
    (job, *_) = plan_merges(aggregated.services)
    with merge.at_work(aggregated.services, job.channel_version, job.batch):
        for _ in range(3):
            aggregated.requests.wait_for("renew_batch")
            aggregated.elapse(LEASE / 2)
        assert job not in plan_merges(aggregated.services)
    aggregated.elapse(LEASE)
    assert job in plan_merges(aggregated.services)


def test_a_batch_that_is_given_back_is_planned_again_at_once(aggregated: Stage) -> None:
    stage = aggregated.with_options(merge_lease=1000.0)
    job, _ = plan_merges(stage.services)
    assert plan_merges(stage.services) == []
    merge.give_back(stage.services, job.channel_version, job.batch)
    assert plan_merges(stage.services) == [job]
    assert plan_merges(stage.services) == []


def test_batches_that_may_only_wait_in_the_queue_are_not_sent_again(aggregated: Stage) -> None:
    jobs = plan_merges(aggregated.services)
    aggregated.elapse(LEASE)
    queued = sum(len(job.slices) for job in jobs)
    assert merge.without_message(aggregated.services, queued) == 0
    assert plan_merges(aggregated.services, overdue=0) == []
    assert merge.without_message(aggregated.services, len(jobs) - 1) == 1
    assert len(plan_merges(aggregated.services, overdue=1)) == 1
    assert len(plan_merges(aggregated.services)) == len(jobs) - 1
