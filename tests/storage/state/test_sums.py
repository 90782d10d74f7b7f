"""Batches, commits and compactions: everything or nothing."""

import pytest

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import Owner
from telemetry_tasks.errors import StaleEpoch
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base, Batch
from tests.storage.state.made import EARLIER, LEASE, SHORT, Dump, Make, aggregated, delta, entry, merged, partition
from tests.support.backends import Backend


class TestBatches:
    def test_a_batch_takes_aggregated_partitions_once(self, state: ChannelState, make: Make) -> None:
        one, two = partition("a"), partition("b")
        aggregated(state, one, two)
        batch = Batch("batch", (one.id, two.id))
        assert state.form_batch(batch, LEASE)
        assert not make().form_batch(Batch("other", (two.id,)), LEASE)
        assert state.batch("batch") == batch
        assert state.batch("other") is None
        assert state.unbatched() == {}

    def test_a_batch_with_one_that_is_not_finished_is_not_formed(self, state: ChannelState) -> None:
        one, two = partition("a"), partition("b")
        aggregated(state, one)
        state.register(two)
        assert not state.form_batch(Batch("batch", (one.id, two.id)), LEASE)
        assert list(state.unbatched()) == [one.id]

    def test_one_whose_chord_was_lost_is_handed_out_when_its_lease_is_over(
        self, state: ChannelState, backend: Backend
    ) -> None:
        one = partition("a")
        aggregated(state, one)
        batch = Batch("batch", (one.id,))
        state.form_batch(batch, SHORT)
        assert state.overdue_batches(LEASE, 9) == []
        backend.elapse(2 * SHORT)
        assert state.overdue_batches(LEASE, 9) == [batch]
        assert state.overdue_batches(LEASE, 9) == []

    def test_one_that_is_renewed_is_left_alone_and_one_that_is_given_back_is_not(
        self, state: ChannelState, backend: Backend
    ) -> None:
        one = partition("a")
        aggregated(state, one)
        batch = Batch("batch", (one.id,))
        state.form_batch(batch, SHORT)
        state.renew_batch("batch", LEASE)
        backend.elapse(2 * SHORT)
        assert state.overdue_batches(LEASE, 9) == []
        state.renew_batch("batch", 0.0)
        assert state.overdue_batches(LEASE, 0) == []
        assert state.overdue_batches(LEASE, 1) == [batch]
        state.dissolve(batch)
        state.renew_batch("batch", 0.0)
        assert state.overdue_batches(LEASE, 9) == []

    def test_a_dissolved_batch_frees_its_partitions(self, state: ChannelState) -> None:
        one = partition("a")
        aggregated(state, one)
        batch = Batch("batch", (one.id,))
        state.form_batch(batch, SHORT)
        state.dissolve(batch)
        assert state.batch("batch") is None
        assert state.form_batch(Batch("next", (one.id,)), LEASE)
        state.dissolve(batch)
        assert state.batch("next") is not None
        assert state.unbatched() == {}

    def test_a_merged_batch_is_gone(self, state: ChannelState, backend: Backend) -> None:
        one = partition("a")
        aggregated(state, one)
        state.form_batch(Batch("batch", (one.id,)), SHORT)
        assert state.commit(delta(one), {one.id: "digest"}, batch="batch").ok
        backend.elapse(2 * SHORT)
        assert state.batch("batch") is None
        assert state.overdue_batches(LEASE, 9) == []
        assert (state.counts().aggregated, state.counts().batches) == (0, 0)

    def test_one_that_was_merged_in_part_frees_the_others_in_the_same_step(self, state: ChannelState) -> None:
        """A slice whose merge failed is not in the sum; the worker that committed it may be gone by then."""
        one, two = partition("a"), partition("b")
        aggregated(state, one, two)
        state.form_batch(Batch("batch", (one.id, two.id)), LEASE)
        assert state.commit(delta(one), {one.id: "digest"}, batch="batch").ok
        assert list(state.unbatched()) == [two.id]


class TestCommits:
    def test_the_sum_and_the_mark_appear_together(self, state: ChannelState) -> None:
        one, two = partition("a"), partition("b")
        aggregated(state, one, two)
        body = delta(one, two)
        assert state.commit(body, {one.id: "digest", two.id: "digest"}).ok
        assert state.merged() == {one.id: "digest", two.id: "digest"}
        assert list(state.deltas().values()) == [body]
        assert state.nonce()

    def test_a_second_one_counts_nothing_and_names_what_counts_already(self, state: ChannelState, dump: Dump) -> None:
        one, two = partition("a"), partition("b")
        merged(state, one)
        aggregated(state, two)
        before = dump()
        answer = state.commit(delta(one, two), {one.id: "digest", two.id: "digest"})
        assert (answer.code, answer.ids, answer.ok) == ("already merged", (one.id,), False)
        assert dump() == before

    def test_one_of_an_unknown_partition_writes_nothing(self, state: ChannelState, dump: Dump) -> None:
        one = partition("a")
        aggregated(state, one)
        before = dump()
        answer = state.commit(delta(one), {one.id: "digest", "nobody": "digest"})
        assert (answer.code, answer.ids) == ("unknown", ("nobody",))
        assert dump() == before

    def test_a_replacement_happens_in_one_step(self, state: ChannelState) -> None:
        old, new = partition("a", "b"), partition("a", etag="changed")
        merged(state, old)
        answer = state.commit(
            delta(new),
            {new.id: "other"},
            register={new.id: new},
            remove={old.id: "digest"},
            owners={"a": Owner("changed", new.id), "b": None},
        )
        assert answer.ok
        assert state.merged() == {new.id: "other"}
        assert state.partitions([old.id, new.id]) == {new.id: new}
        assert state.registered(["a", "b"]) == {"a": ("changed", new.id)}

    def test_a_replacement_of_what_is_not_as_expected_writes_nothing(self, state: ChannelState, dump: Dump) -> None:
        old, new = partition("a"), partition("a", etag="changed")
        merged(state, old)
        before = dump()
        answer = state.commit(delta(new), {new.id: "x"}, register={new.id: new}, remove={old.id: "another digest"})
        assert (answer.code, answer.ids) == ("replaced", (old.id,))
        assert dump() == before

    def test_of_many_that_commit_the_same_at_once_one_counts(self, state: ChannelState, make: Make) -> None:
        one, two = partition("a"), partition("b")
        aggregated(state, one, two)
        wishes = [(one,), (two,), (one, two), (two, one)] * 3
        answers = [make().commit(delta(*w), {each.id: "digest" for each in w}) for w in wishes]
        assert sum(len(w) for w, answer in zip(wishes, answers, strict=True) if answer.ok) == 2
        assert len(state.merged()) == 2


class TestCompaction:
    def test_deltas_give_way_to_blocks(self, state: ChannelState) -> None:
        merged(state, partition("a"))
        before = state.base()
        assert before == Base(None)
        deltas = dict.fromkeys(state.deltas(), 1)
        assert state.compact(before, deltas, {"c00": b"block"}, {"X": "x"}) == "ok"
        base = state.base()
        assert base.version
        assert (dict(base.measures), dict(base.blocks)) == ({"X": "x"}, {"c00": digest_of(b"block")})
        assert state.blocks(["c00", "c01"]) == {"c00": b"block"}
        assert state.deltas() == {}
        assert state.delta_count() == 0

    def test_a_block_and_a_digest_that_are_empty_now_go(self, state: ChannelState) -> None:
        state.compact(Base(None), {}, {"c00": b"1", "c01": b"2"}, {"X": "x", "Y": "y"})
        assert state.compact(state.base(), {}, {"c00": None}, {"X": None}) == "ok"
        assert state.blocks(["c00", "c01"]) == {"c01": b"2"}
        assert dict(state.base().measures) == {"Y": "y"}

    def test_a_base_that_moved_is_left_as_it_is(self, state: ChannelState, dump: Dump) -> None:
        seen = state.base()
        state.compact(seen, {}, {"c00": b"first"}, {})
        before = dump()
        assert state.compact(seen, {}, {"c00": b"second"}, {}) == "moved"
        assert dump() == before

    def test_a_delta_that_is_gone_spoils_the_compaction(self, state: ChannelState, dump: Dump) -> None:
        merged(state, partition("a"))
        deltas = dict.fromkeys(state.deltas(), 1)
        before = dump()
        assert state.compact(state.base(), {**deltas, "gone": 1}, {"c00": b"x"}, {}) == "moved"
        assert dump() == before

    def test_a_delta_that_came_meanwhile_stays(self, state: ChannelState) -> None:
        merged(state, partition("a"))
        old = dict.fromkeys(state.deltas(), 1)
        merged(state, partition("b"))
        assert state.compact(state.base(), old, {"c00": b"x"}, {}) == "ok"
        assert state.delta_count() == 1


class TestRestoring:
    def test_what_a_checkpoint_had_counts_and_is_registered(self, state: ChannelState) -> None:
        one = partition("a", "b")
        state.load([entry(one)])
        assert state.merged() == {one.id: "digest"}
        assert state.registered(["a", "b"])["b"] == ("e", one.id)
        assert state.partitions([one.id]) == {one.id: one}
        assert state.counts().waiting == 0
        assert state.register(one) == ["a", "b"]

    def test_what_was_taken_out_by_then_is_still_known_and_a_second_answer_is_as_good(
        self, state: ChannelState, make: Make, dump: Dump
    ) -> None:
        for _ in range(2):  # a request whose answer was lost is sent again
            state.load([], ["a"])
        assert state.forgotten() == {"a"}
        before = dump()
        with pytest.raises(StaleEpoch):
            make(EARLIER).load([], ["b"])
        assert dump() == before
