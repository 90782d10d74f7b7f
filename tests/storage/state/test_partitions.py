"""The way of a partition: registered, running, aggregated, split."""

from collections.abc import Callable

import pytest

from telemetry_tasks.storage.channel_state import ChannelState
from tests.storage.state.made import (
    LEASE,
    SHORT,
    Dump,
    Make,
    aggregated,
    delta,
    merged,
    partition,
)
from tests.support.backends import Backend


class TestRegistration:
    def test_a_registered_partition_is_known_with_its_files(self, state: ChannelState) -> None:
        new = partition("a", "b")
        assert state.register(new) == []
        assert state.partitions([new.id, "nobody"]) == {new.id: new}
        assert state.registered(["a", "b", "c"]) == {"a": ("e", new.id), "b": ("e", new.id)}

    def test_the_second_time_its_files_stand_in_the_way(self, state: ChannelState, make: Make, dump: Dump) -> None:
        new = partition("a", "b")
        state.register(new)
        before = dump()
        assert make().register(new) == ["a", "b"]
        assert dump() == before

    def test_of_overlapping_partitions_the_second_is_not_registered_at_all(self, state: ChannelState) -> None:
        state.register(partition("a", "b"))
        second = partition("b", "c")
        assert state.register(second) == ["b"]
        assert state.registered(["c"]) == {}
        assert state.partitions([second.id]) == {}

    def test_a_file_with_another_etag_stands_in_the_way_too(self, state: ChannelState) -> None:
        state.register(partition("a"))
        assert state.register(partition("a", etag="changed")) == ["a"]
        assert state.registered(["a"])["a"][0] == "e"

    def test_an_etag_with_spaces_comes_back_whole(self, state: ChannelState) -> None:
        state.register(partition("a", etag="with two spaces"))
        assert state.registered(["a"])["a"][0] == "with two spaces"

    def test_a_partition_of_a_thousand_files_is_registered_at_once(self, state: ChannelState) -> None:
        new = partition(*(f"file-{i:04d}" for i in range(1000)))
        assert state.register(new) == []
        assert state.counts().files == 1000


class TestRenewal:
    def test_a_lease_that_is_renewed_is_not_over(self, state: ChannelState, backend: Backend) -> None:
        new = partition("a")
        state.register(new)
        assert state.claim(1, SHORT) == [new.id]
        state.renew(new.id, LEASE)
        backend.elapse(2 * SHORT)
        assert state.claim(0, LEASE, overdue=9) == []
        state.renew(new.id, 0.0)
        assert state.claim(0, LEASE, overdue=9) == [new.id]

    def test_what_is_not_running_gets_no_lease(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.renew(new.id, LEASE)
        assert state.running_count() == 0
        assert state.claim(1, LEASE) == [new.id]
        state.note_aggregated(new.id, "digest")
        state.renew(new.id, LEASE)
        assert state.running_count() == 0


class TestDispatch:
    def test_the_oldest_that_wait_are_claimed_first_and_once(self, state: ChannelState, make: Make) -> None:
        ids = []
        for name in "abc":
            new = partition(name)
            state.register(new)
            ids.append(new.id)
        assert state.claim(2, LEASE) == ids[:2]
        assert make().claim(2, LEASE) == ids[2:]
        assert state.running_count() == 3

    def test_a_lease_that_ran_out_is_claimed_again_by_a_sweep_only(self, state: ChannelState, backend: Backend) -> None:
        new = partition("a")
        state.register(new)
        state.claim(1, SHORT)
        assert state.claim(5, LEASE, overdue=99) == []
        backend.elapse(2 * SHORT)
        assert state.claim(5, LEASE) == []
        assert state.claim(0, LEASE, overdue=99) == [new.id]
        assert state.claim(5, LEASE, overdue=99) == []

    def test_starting_renews_the_lease(self, state: ChannelState, backend: Backend) -> None:
        new = partition("a")
        state.register(new)
        state.claim(1, SHORT)
        state.start(new.id, LEASE)
        backend.elapse(2 * SHORT)
        assert state.claim(0, LEASE, overdue=99) == []

    def test_attempts_are_counted(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        assert [state.start(new.id, LEASE) for _ in range(3)] == [1, 2, 3]

    def test_a_partition_given_back_waits_and_the_attempt_counts_or_not(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.start(new.id, LEASE)
        state.release(new.id, counts=False)
        assert state.claim(1, LEASE) == [new.id]
        assert state.start(new.id, LEASE) == 1
        state.release(new.id, counts=True)
        assert state.start(new.id, LEASE) == 2

    def test_giving_back_twice_does_not_count_an_attempt_twice(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.start(new.id, LEASE)
        state.release(new.id, counts=False)
        state.release(new.id, counts=False)
        assert state.start(new.id, LEASE) == 1

    def test_of_two_attempts_side_by_side_that_are_no_fault_of_the_file_none_counts(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        for _ in range(5):
            assert state.claim(1, LEASE) == [new.id]
            assert [state.start(new.id, LEASE), state.start(new.id, LEASE)] == [1, 2]
            state.release(new.id, counts=False)
            state.release(new.id, counts=False)

    @pytest.mark.parametrize("done", [aggregated, merged])
    def test_a_late_message_of_a_partition_that_is_done_leaves_nothing_running(
        self, state: ChannelState, done: Callable[..., None]
    ) -> None:
        new = partition("a")
        done(state, new)
        assert state.start(new.id, LEASE) == 0
        assert state.counts().running == state.counts().waiting == 0

    def test_a_message_of_an_unknown_partition_is_nothing_to_do(self, state: ChannelState) -> None:
        assert state.start("nobody", LEASE) == 0
        assert not state.note_aggregated("nobody", "digest")
        assert state.counts().running == 0


class TestFinishing:
    def test_what_is_aggregated_neither_waits_nor_runs(self, state: ChannelState) -> None:
        new = partition("a")
        state.note_error(new.id, "once")
        aggregated(state, new)
        counts = state.counts()
        assert (counts.waiting, counts.running, counts.aggregated) == (0, 0, 1)
        assert state.aggregated() == {new.id: "digest"}
        assert state.error(new.id) is None

    def test_those_of_some_partitions_can_be_asked_for_alone(self, state: ChannelState) -> None:
        one, two = partition("a"), partition("b")
        for each in (one, two):
            aggregated(state, each)
        assert state.aggregated([two.id, "nobody"]) == {two.id: "digest"}
        assert state.aggregated([]) == {}

    def test_finishing_what_counts_already_is_no_news(self, state: ChannelState) -> None:
        new = partition("a")
        merged(state, new)
        assert not state.note_aggregated(new.id, "digest")
        assert state.aggregated() == {}

    def test_a_result_that_is_gone_sends_its_partition_back(self, state: ChannelState) -> None:
        new = partition("a")
        aggregated(state, new)
        assert state.aggregate_again(new.id, "bad-result: gone")
        assert state.error(new.id) == "bad-result: gone"
        assert state.claim(5, LEASE) == [new.id]
        assert not state.aggregate_again(new.id, "again")

    def test_it_is_known_since_when_attempts_fail_until_one_does_not(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.note_error(new.id, "once")
        ((since, _),) = state.errors().values()
        state.note_error(new.id, "once more")
        assert state.errors() == {new.id: (since, "once more")}
        state.claim(1, LEASE)
        state.start(new.id, LEASE)
        state.note_aggregated(new.id, "digest")
        assert state.errors() == {}

    def test_a_result_that_counts_is_not_sent_back(self, state: ChannelState) -> None:
        new = partition("a")
        merged(state, new)
        assert not state.aggregate_again(new.id, "gone")
        assert state.counts().waiting == 0

    def test_one_sent_back_that_counts_after_all_does_not_stay_running(self, state: ChannelState) -> None:
        """Its slice was made before its result was lost: the commit is right, and the second aggregation is moot."""
        new = partition("a")
        aggregated(state, new)
        state.aggregate_again(new.id, "gone")
        assert state.commit(delta(new), {new.id: "digest"}).ok
        state.claim(5, LEASE)
        assert state.start(new.id, LEASE) == 0
        counts = state.counts()
        assert (counts.waiting, counts.running) == (0, 0)


class TestSplitting:
    def test_the_parts_take_the_files_over_and_go_on_counting_attempts(self, state: ChannelState) -> None:
        whole, parts = partition("a", "b"), [partition("a"), partition("b")]
        state.register(whole)
        state.start(whole.id, LEASE)
        state.start(whole.id, LEASE)
        assert state.split(whole.id, parts)
        assert state.partitions([whole.id]) == {}
        assert {name: owner for name, (_, owner) in state.registered(["a", "b"]).items()} == {
            "a": parts[0].id,
            "b": parts[1].id,
        }
        assert sorted(state.claim(5, LEASE, overdue=99)) == sorted(part.id for part in parts)
        assert state.start(parts[0].id, LEASE) == 2, "the attempt that splits reads nothing, and costs none"
        assert state.running_count() == 2

    @pytest.mark.parametrize("done", [aggregated, merged])
    def test_what_was_done_meanwhile_is_not_split(self, state: ChannelState, done: Callable[..., None]) -> None:
        whole = partition("a", "b")
        done(state, whole)
        assert not state.split(whole.id, [partition("a"), partition("b")])
        assert state.registered(["a"])["a"][1] == whole.id

    def test_the_second_of_two_splits_does_nothing(self, state: ChannelState) -> None:
        whole, parts = partition("a", "b"), [partition("a"), partition("b")]
        state.register(whole)
        assert state.split(whole.id, parts)
        state.start(parts[0].id, LEASE)
        assert not state.split(whole.id, parts)
        assert state.start(parts[0].id, LEASE) == 2
