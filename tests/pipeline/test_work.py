"""One partition's work, with files that are bad, gone or replaced and a store that is away."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.partition import Partition
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.pipeline.aggregate.give_up import retry_delay
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, aggregate_partition, with_these_settings
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.results import load_result, result_key, store_result
from tests.support.deployment import begin_later_epoch
from tests.support.pings import key, ping, ping_file
from tests.support.stage import Stage
from tests.support.stores import damage

NAME = "nightly/28"


def registered(stage: Stage) -> Partition:
    (partition,) = discover(stage.services, stage.input.now(), all_now=True).partitions
    return partition


def run(stage: Stage, partition: Partition) -> str:
    return aggregate_partition(stage.services, partition.channel_version, partition.id)


def reports(stage: Stage, partition: Partition) -> dict[str, FileReport]:
    stored = load_result(stage.results, partition.channel_version, partition.id)
    return {report.key: report for report in stored.result.files}


def away(only: str = "") -> Callable[[str, str], None]:
    def before(verb: str, key: str) -> None:
        if only in key:
            raise InfrastructureError("503 SlowDown")

    return before


def test_a_partition_is_finished_with_its_result_stored(stage: Stage) -> None:
    stage.upload(key("a"), key("b"))
    partition = registered(stage)
    assert run(stage, partition) == "aggregated"
    assert {k: (r.good, r.error) for k, r in reports(stage, partition).items()} == {
        key("a"): (1, None),
        key("b"): (1, None),
    }
    assert list(stage.state().aggregated()) == [partition.id]


def test_the_second_time_there_is_nothing_to_do(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    run(stage, partition)
    stage.results.forget_requests()
    assert run(stage, partition) == "nothing to do"
    assert not stage.results.requests


def test_two_workers_on_one_partition_leave_one_result(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    outcomes = []

    def other_first(verb: str, key: str) -> None:
        if verb == "put":
            stage.results.before = lambda verb, key: None
            outcomes.append(run(stage, partition))

    stage.results.before = other_first
    outcomes.append(run(stage, partition))
    assert outcomes == ["aggregated", "nothing to do"]
    assert stage.results.written == [result_key(NAME, partition.id)]
    assert stage.state().counts().running == 0


def test_a_bad_file_holds_back_no_other(stage: Stage) -> None:
    stage.upload(key("a"))
    stage.upload(key("bad"), body=b"\x1f\x8b\x08\x00 and no more")
    stage.upload(key("cut"), body=ping_file(*(ping() for _ in range(200)))[:-300])
    partition = registered(stage)
    assert run(stage, partition) == "aggregated"
    found = reports(stage, partition)
    assert (found[key("a")].good, found[key("a")].error) == (1, None)
    assert found[key("bad")].good == 0
    assert found[key("bad")].error
    assert found[key("cut")].good > 0
    assert found[key("cut")].error


def test_bad_lines_are_counted_by_reason(stage: Stage) -> None:
    stage.upload(key("a"), body=ping_file(ping(), bad_lines=[b"no tab", b"id\t{", b'id\t{"info": 1}']))
    partition = registered(stage)
    run(stage, partition)
    report = reports(stage, partition)[key("a")]
    assert (report.good, sum(report.bad.values()), len(report.bad)) == (1, 3, 3)


def test_a_file_that_vanished_is_missing_with_the_reason(stage: Stage) -> None:
    stage.upload(key("a"), key("gone"))
    partition = registered(stage)
    stage.input.delete([key("gone")])
    assert run(stage, partition) == "aggregated"
    assert (reports(stage, partition)[key("gone")].error or "").startswith("not-found")
    assert reports(stage, partition)[key("a")].good == 1


def test_a_file_that_was_replaced_is_not_read_as_the_one_that_was_found(stage: Stage) -> None:
    stage.upload(key("a"), key("b"))
    partition = registered(stage)
    stage.upload(key("b"), body=ping_file(ping(), ping()))
    assert run(stage, partition) == "aggregated"
    found = reports(stage, partition)
    assert (found[key("b")].good, (found[key("b")].error or "")[:8]) == (0, "changed:")


@pytest.mark.parametrize("part", ["input", "results"])
def test_a_store_that_is_away_costs_no_attempt(stage: Stage, part: str) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    store = getattr(stage, part)
    store.before = away()
    for _ in range(3 * stage.services.options.max_attempts):
        with pytest.raises(InfrastructureError):
            run(stage, partition)
        assert stage.state().counts().waiting == 1
    store.before = lambda verb, key: None
    assert [job.partition for job in claim_partitions(stage.services)] == [partition.id]
    assert run(stage, partition) == "aggregated"
    assert reports(stage, partition)[key("a")].error is None


def test_a_damaged_result_that_lies_there_is_replaced(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    stage.results.put(result_key(NAME, partition.id), b"not a result")
    assert run(stage, partition) == "aggregated"
    assert reports(stage, partition)[key("a")].good == 1


def test_a_result_that_was_stored_by_an_attempt_that_was_lost_is_taken(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    run(stage, partition)
    stage.state().aggregate_again(partition.id, "as if the worker had died before it said so")
    stage.results.forget_requests()
    assert run(stage, partition) == "aggregated"
    assert stage.results.written == []


class Poison(Exception):
    """What a bug of ours might raise at one file."""


@pytest.fixture
def poison(stage: Stage) -> None:
    """A partition that holds a file with ``poison`` in its key fails each time."""

    def before(verb: str, key: str) -> None:
        if verb == "get" and "poison" in key:
            raise Poison("cannot")

    stage.input.before = before


def run_until_quiet(stage: Stage) -> list[str]:
    outcomes = []
    while jobs := claim_partitions(stage.services):
        for job in jobs:
            try:
                outcomes.append(aggregate_partition(stage.services, job.channel_version, job.partition))
            except Poison:
                outcomes.append("failed")
    return outcomes


@pytest.mark.usefixtures("poison")
def test_a_partition_that_keeps_failing_is_split_and_then_the_one_file_given_up(stage: Stage) -> None:
    stage.upload(key("a"), key("b"), key("poison"))
    registered(stage)
    outcomes = run_until_quiet(stage)
    assert outcomes.count("failed") <= stage.services.options.max_attempts
    assert sorted(set(outcomes)) == ["aggregated", "failed", "given up", "split"]
    assert outcomes.count("aggregated") == 2
    state = stage.state()
    found = {
        file.key: reports(stage, partition)[file.key]
        for partition in state.partitions(list(state.aggregated())).values()
        for file in partition.files
    }
    assert {k: r.good for k, r in found.items()} == {key("a"): 1, key("b"): 1, key("poison"): 0}
    assert "gave-up" in (found[key("poison")].error or "")
    assert "Poison: cannot" in (found[key("poison")].error or "")


@pytest.mark.usefixtures("poison")
@pytest.mark.parametrize("most", [2, 3, 4, 7])
def test_however_few_attempts_there_are_each_file_of_a_split_partition_is_tried_alone(stage: Stage, most: int) -> None:
    stage = stage.with_options(max_attempts=most)
    stage.upload(key("a"), key("b"), key("poison"))
    registered(stage)
    outcomes = run_until_quiet(stage)
    assert outcomes.count("failed") == most, "the attempt that splits reads nothing, and costs none"
    assert (outcomes.count("aggregated"), outcomes.count("given up")) == (2, 1)


@pytest.mark.usefixtures("poison")
def test_a_bug_that_fails_on_every_file_does_not_use_up_the_attempts_before_it_can_be_taken_back(stage: Stage) -> None:
    stage = stage.with_options(retry_delay=3600.0, partition_files=1)
    stage.upload(key("poison-a"), key("poison-b"))
    assert len(discover(stage.services, stage.input.now(), all_now=True).partitions) == 2
    assert run_until_quiet(stage) == ["failed"] * 2
    assert claim_partitions(stage.services, overdue=99) == []
    assert stage.state().counts().waiting == 2
    stage.upload(key("good"))
    discover(stage.services, stage.input.now(), all_now=True)
    assert run_until_quiet(stage) == ["aggregated"]
    assert [retry_delay(stage.services, attempt) for attempt in (1, 2, 3)] == [3600, 7200, 14400]


@pytest.mark.usefixtures("poison")
def test_a_partition_that_failed_is_tried_again_after_the_delay(stage: Stage) -> None:
    stage = stage.with_options(retry_delay=100.0)
    stage.upload(key("poison"))
    registered(stage)
    outcomes = []
    for _ in range(stage.services.options.max_attempts + 1):
        found = run_until_quiet(stage)
        assert len(found) == 1
        outcomes += found
        stage.elapse(100.0 * 2**stage.services.options.max_attempts)
    assert outcomes == [*["failed"] * stage.services.options.max_attempts, "given up"]


@pytest.mark.parametrize("lease", [0.01, 1.0])
def test_a_partition_whose_worker_is_killed_each_time_says_so(stage: Stage, lease: float) -> None:
    stage = stage.with_options(max_attempts=1, lease=lease)
    stage.upload(key("a"))
    partition = registered(stage)
    stage.state().start(partition.id, 0.0)
    assert run(stage, partition) == "nothing to do"  # the other one may be at it
    stage.elapse(1000.0)  # the next sweep may come many short leases later
    assert [job.partition for job in claim_partitions(stage.services, overdue=99)] == [partition.id]
    assert run(stage, partition) == "given up"
    assert "the worker was lost or killed" in (reports(stage, partition)[key("a")].error or "")


def test_a_file_whose_message_comes_again_and_again_while_it_is_read_is_not_given_up(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    for _ in range(stage.services.options.max_attempts):
        stage.state().start(partition.id, 60.0)
    assert [run(stage, partition) for _ in range(3)] == ["nothing to do"] * 3
    digest = store_result(stage.results, partition, aggregate_files(stage.services, partition))
    assert stage.state().note_aggregated(partition.id, digest)
    assert reports(stage, partition)[key("a")].error is None


def test_a_worker_with_other_limits_takes_a_partition_under_another_id(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    stage = stage.over(replace(stage.services, limits=Limits(histograms=1)))
    assert run(stage, partition) == "renamed"
    renamed = with_these_settings(stage.services, partition)
    assert renamed.id != partition.id
    assert stage.state().partitions([partition.id, renamed.id]) == {renamed.id: renamed}
    assert run(stage, renamed) == "aggregated"
    assert {file.bad["too-many-histograms"] for file in reports(stage, renamed).values()} == {1}


def test_a_partition_of_an_epoch_that_is_over_is_nothing_to_do(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    begin_later_epoch(stage.services.state)
    assert run(stage, partition) == "nothing to do"


def test_a_flipped_bit_in_a_stored_result_is_noticed(stage: Stage) -> None:
    stage.upload(key("a"))
    partition = registered(stage)
    run(stage, partition)
    digest = stage.state().aggregated()[partition.id]
    damage(stage.results, result_key(NAME, partition.id))
    with pytest.raises(DataError):
        load_result(stage.results, NAME, partition.id, digest)


def test_files_that_take_too_long_together_are_split_at_once_and_counted(stage: Stage) -> None:
    stage = stage.with_options(partition_seconds=1e-9)
    stage.upload(key("a"), key("b"))
    partition = registered(stage)
    assert run(stage, partition) == "split"
    for job in claim_partitions(stage.services):
        assert aggregate_partition(stage.services, job.channel_version, job.partition) == "aggregated"
    assert len(stage.state().aggregated()) == 2


def test_a_file_alone_that_takes_too_long_twice_is_given_up_with_its_reason(stage: Stage) -> None:
    stage = stage.with_options(file_seconds=1e-9)
    stage.upload(key("a"))
    partition = registered(stage)
    assert run(stage, partition) == "too slow"
    stage.state().claim(1, 60.0)
    assert run(stage, partition) == "given up"
    error = reports(stage, partition)[key("a")].error or ""
    assert error.startswith("gave-up: 2 attempts failed; too-slow: ")
