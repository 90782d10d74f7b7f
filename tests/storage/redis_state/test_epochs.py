"""Epochs: one life of a Redis, and who is too late for it."""

import pytest

from telemetry_tasks.core.partition import FileRef, partition_of
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base, Batch
from tests.storage.redis_state.made import (
    EARLIER,
    EPOCH,
    LATER,
    LEASE,
    NAME,
    Dump,
    Make,
    counted,
    delta,
    finished,
    partition,
    state_at,
)


class TestEpochs:
    def test_an_empty_redis_has_none(self, redis_url: str) -> None:
        assert state_at(redis_url).epoch() is None

    def test_of_two_that_begin_one_at_once_the_first_wins(self, redis_url: str) -> None:
        one, two = state_at(redis_url), state_at(redis_url)
        assert one.begin_epoch("one", only_if_none=True)
        assert not two.begin_epoch("two", only_if_none=True)
        assert two.epoch() == "one"

    def test_beginning_drops_what_is_left_of_the_epoch_before(
        self, state: ChannelState, make: Make, dump: Dump
    ) -> None:
        counted(state, partition("a"))
        base = state.base()
        assert state.compact(base, dict.fromkeys(state.deltas(), 1), {"c00": b"block"}, {"b:c00": "x"}) == "ok"
        counted(state, partition("b"))
        state.add_job("job", b"plan", LEASE)
        state.note_done("job", state.life_of("job"), "p", "d")
        make(LATER).begin()
        left = {key for key in dump() if b"{nightly/28}" in key}
        assert left == {b"tt:{nightly/28}:epoch"}

    def test_beginning_twice_drops_nothing(self, state: ChannelState, make: Make) -> None:
        counted(state, partition("a"))
        make().begin()
        assert state.ledger()

    def test_beginning_leaves_other_channel_versions_alone(self, state: ChannelState, redis_url: str) -> None:
        other = state_at(redis_url).channel_version("nightly/280", EPOCH)
        other.begin()
        other.register(partition_of("nightly/280", [FileRef("z", "e", 1)]))
        state_at(redis_url).channel_version(NAME, LATER).begin()
        assert other.registered(["z"])

    def test_one_that_is_over_does_not_begin_again(self, state: ChannelState, make: Make) -> None:
        counted(state, partition("a"))
        make(EARLIER).begin()
        assert state.ledger()
        assert state.register(partition("b")) == []

    def test_the_next_one_sorts_after_the_last(self, redis_url: str) -> None:
        epochs = [state_at(redis_url).next_epoch() for _ in range(5)]
        assert epochs == sorted(set(epochs))

    @pytest.mark.parametrize("epoch", [EARLIER, LATER])
    def test_every_write_of_another_epoch_is_refused(
        self, state: ChannelState, make: Make, dump: Dump, epoch: str
    ) -> None:
        known, done = partition("a"), partition("b")
        finished(state, done)
        state.register(known)
        batch = Batch("batch", (done.id,))
        before = dump()
        stale = make(epoch)
        assert stale.registered(["a"]) == {}
        assert stale.register(partition("c")) is None
        assert stale.claim(5, LEASE, renew=True) == []
        assert stale.start(known.id, LEASE) == 0
        assert not stale.finish(known.id, "digest")
        assert not stale.split(known.id, [partition("a")])
        assert not stale.form_batch(batch, LEASE)
        assert stale.overdue_batches(LEASE) == []
        assert stale.commit(delta(done), {done.id: "digest"}).code == "stale"
        assert stale.compact(Base(None), {}, {"c00": b"x"}, {}) == "stale"
        stale.release(known.id, counts=True)
        stale.dissolve(batch)
        assert dump() == before
