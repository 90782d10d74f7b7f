import pytest

from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import ClaimedPartition, claim_partitions, without_message
from tests.support.pings import key
from tests.support.stage import Stage

LEASE = 60.0


def with_partitions(stage: Stage, **count: int) -> Stage:
    """So many partitions of each channel, of one file each."""
    stage = stage.with_options(partition_files=1, window=6)
    for channel, number in count.items():
        stage.upload(*(key(f"f{i:02d}", channel=channel) for i in range(number)))
    discover(stage.services, stage.input.now(), all_now=True)
    return stage


def channels(stage: Stage, **options: object) -> list[str]:
    jobs = claim_partitions(stage.services, **options)  # type: ignore[arg-type]
    return sorted(job.channel_version.split("/")[0] for job in jobs)


def test_no_more_than_the_window_are_running(stage: Stage) -> None:
    stage = with_partitions(stage, nightly=20)
    assert len(channels(stage)) == 6
    assert channels(stage) == []


def test_what_finishes_makes_room(stage: Stage) -> None:
    stage = with_partitions(stage, nightly=20)
    for job in claim_partitions(stage.services)[:2]:
        aggregate_partition(stage.services, job.channel_version, job.partition)
    assert len(channels(stage, most=1)) == 1
    assert len(channels(stage)) == 1
    assert channels(stage) == []


def test_a_busy_channel_leaves_room_for_the_others(stage: Stage) -> None:
    stage = with_partitions(stage, aurora=50, beta=1, nightly=50)
    assert channels(stage) == ["aurora", "aurora", "beta", "nightly", "nightly", "nightly"]


def test_room_that_a_channel_does_not_need_goes_to_the_next(stage: Stage) -> None:
    stage = with_partitions(stage, aurora=1, nightly=50)
    assert channels(stage) == ["aurora"] + ["nightly"] * 5


def test_a_sweep_claims_what_is_overdue_even_when_the_window_is_full(stage: Stage) -> None:
    stage = with_partitions(stage, nightly=7).with_options(lease=LEASE)
    first = {job.partition for job in claim_partitions(stage.services)}
    assert claim_partitions(stage.services, overdue=99) == []
    stage.elapse(LEASE)
    assert {job.partition for job in claim_partitions(stage.services, overdue=99)} == first


def test_nothing_at_all_is_no_error(stage: Stage) -> None:
    assert claim_partitions(stage.services, overdue=99) == []


def test_of_what_is_overdue_so_much_is_sent_again_as_there_is_room_for(stage: Stage) -> None:
    stage = with_partitions(stage, aurora=2, nightly=4).with_options(lease=LEASE)
    assert len(channels(stage)) == 6
    stage.elapse(LEASE)
    assert channels(stage, overdue=3) == ["aurora", "aurora", "nightly"]
    assert channels(stage, overdue=9) == ["nightly"] * 3
    assert channels(stage) == []


def test_a_queue_never_holds_more_messages_than_partitions_are_running(stage: Stage) -> None:
    stage = with_partitions(stage, aurora=10, nightly=10).with_options(lease=LEASE)
    queue = claim_partitions(stage.services)
    for handled in (2, 3, 1, 0, 6, 2):
        for job in queue[:handled]:
            aggregate_partition(stage.services, job.channel_version, job.partition)
        queue = queue[handled:]
        stage.elapse(LEASE)  # slow workers: all that waits is overdue
        queue += claim_partitions(stage.services, overdue=without_message(stage.services, len(queue)))
        assert len(queue) <= sum(state.running_count() for state in channel_states(stage.services)) <= 6


def test_two_that_claim_at_once_fill_one_window(stage: Stage) -> None:
    stage = with_partitions(stage, aurora=20, nightly=20)
    others: list[ClaimedPartition] = []
    stage.requests.before_next("claim", lambda: others.extend(claim_partitions(stage.services)))
    assert len([*claim_partitions(stage.services), *others]) == 6


def test_a_process_that_claims_and_dies_holds_up_only_other_new_ones(stage: Stage) -> None:
    stage = with_partitions(stage, nightly=20).with_options(lease=LEASE)
    claim_partitions(stage.services, most=3)
    lock = stage.services.state.lock("dispatch", 10 * LEASE)
    assert lock.acquire()
    stage.elapse(LEASE)
    assert len(claim_partitions(stage.services, overdue=99)) == 3
    assert len(claim_partitions(stage.services, most=1)) == 1
    lock.release()
    assert len(claim_partitions(stage.services)) == 2


def test_as_many_are_sent_again_as_can_be_lost(stage: Stage) -> None:
    stage = with_partitions(stage, nightly=6)
    assert len(claim_partitions(stage.services)) == 6
    assert [without_message(stage.services, queued) for queued in (0, 4, 6, 100)] == [6, 2, 0, 0]


def order_of_work(stage: Stage) -> list[str]:
    """Channels in the order in which one worker gets through their partitions, each making room for one more."""
    queue, order = claim_partitions(stage.services), []
    while queue:
        job = queue.pop(0)
        aggregate_partition(stage.services, job.channel_version, job.partition)
        order.append(job.channel_version.split("/")[0])
        queue += claim_partitions(stage.services, most=1)
    return order


@pytest.mark.parametrize("window", [1, 2, 5])
def test_a_long_backlog_of_one_channel_holds_up_no_other(stage: Stage, window: int) -> None:
    stage = with_partitions(stage, zeta=9).with_options(window=window)
    stage.upload(key("a", channel="beta"), key("b", channel="beta"))
    discover(stage.services, stage.input.now(), all_now=True)
    stage.upload(*(key(f"g{i}", channel="aurora") for i in range(30)))
    discover(stage.services, stage.input.now(), all_now=True)
    order = order_of_work(stage)
    assert len(order) == 41
    assert max(i for i, channel in enumerate(order) if channel == "beta") < 15
    assert max(i for i, channel in enumerate(order) if channel == "zeta") < 30


def test_what_only_waits_in_the_queue_hides_no_lost_partition_of_another_channel(stage: Stage) -> None:
    stage = with_partitions(stage, aurora=3, nightly=3).with_options(lease=LEASE)
    assert len(claim_partitions(stage.services)) == 6
    stage.elapse(LEASE)
    found: set[str] = set()
    for _ in range(6):  # room for one a sweep, and all are overdue again by the next
        found |= set(channels(stage, overdue=1))
        stage.elapse(LEASE)
    assert found == {"aurora", "nightly"}
