"""Epochs: one life of a state, and who is too late for it."""

import pytest

from telemetry_tasks.core.partition import FileRef, partition_of
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base, Batch
from tests.storage.state.made import (
    EARLIER,
    EPOCH,
    LATER,
    LEASE,
    NAME,
    Dump,
    Make,
    aggregated,
    delta,
    merged,
    partition,
)
from tests.support.backends import Backend


class TestEpochs:
    def test_an_empty_state_has_none(self, backend: Backend) -> None:
        assert backend.client().epoch() is None

    def test_of_two_that_begin_one_at_once_the_first_wins(self, backend: Backend) -> None:
        one, two = backend.client(), backend.client()
        assert one.begin_epoch("one")
        assert not two.begin_epoch("two")
        assert two.epoch() == "one"

    def test_beginning_drops_what_is_left_of_the_epoch_before(self, state: ChannelState, make: Make) -> None:
        merged(state, partition("a"))
        base = state.base()
        assert state.compact(base, dict.fromkeys(state.deltas(), 1), {"c00": b"block"}, {}) == "ok"
        merged(state, partition("b"))
        state.add_job("job", b"plan", LEASE)
        state.note_done("job", state.run_id("job"), "p", "d")
        later = make(LATER)
        later.begin()
        assert later.is_of_this_epoch()
        assert not state.is_of_this_epoch()
        counts = later.counts()
        assert (counts.files, counts.merged, counts.deltas, counts.aggregated) == (0, 0, 0, 0)
        assert (later.blocks(["c00"]), later.base(), later.nonce()) == ({}, Base(None), "none")
        assert (later.jobs(), later.done("job"), later.run_id("job")) == ({}, {}, "")

    def test_beginning_twice_drops_nothing(self, state: ChannelState, make: Make) -> None:
        merged(state, partition("a"))
        make().begin()
        assert state.merged()

    def test_beginning_leaves_other_channel_versions_alone(self, state: ChannelState, backend: Backend) -> None:
        other = backend.client().channel_version("nightly/280", EPOCH)
        other.begin()
        other.register(partition_of("nightly/280", [FileRef("z", "e", 1)]))
        backend.client().channel_version(NAME, LATER).begin()
        assert other.registered(["z"])

    def test_one_that_is_over_does_not_begin_again(self, state: ChannelState, make: Make) -> None:
        merged(state, partition("a"))
        make(EARLIER).begin()
        assert state.merged()
        assert state.register(partition("b")) == []

    def test_the_next_one_sorts_after_the_last(self, backend: Backend) -> None:
        epochs = [backend.client().next_epoch() for _ in range(5)]
        assert epochs == sorted(set(epochs))

    def test_the_latest_that_was_begun_is_that_of_the_channel_versions(self, backend: Backend) -> None:
        client = backend.client()
        assert client.latest_begun() == ""
        for name, epoch in ((NAME, EPOCH), ("aurora/27", LATER), ("beta/26", EARLIER)):
            client.add_channel_version(name)
            client.channel_version(name, epoch).begin()
        client.add_channel_version("release/25")
        assert client.latest_begun() == LATER
        assert client.epoch() is None

    def test_the_next_one_sorts_after_all_that_were_begun(self, backend: Backend) -> None:
        client, ahead = backend.client(), f"{9 * 10**18:020d}-ahead"
        client.add_channel_version(NAME)
        client.channel_version(NAME, ahead).begin()
        assert client.next_epoch() > ahead

    @pytest.mark.parametrize("epoch", [EARLIER, LATER])
    def test_every_write_of_another_epoch_is_refused(
        self, state: ChannelState, make: Make, dump: Dump, epoch: str
    ) -> None:
        known, done = partition("a"), partition("b")
        aggregated(state, done)
        state.register(known)
        batch = Batch("batch", (done.id,))
        before = dump()
        stale = make(epoch)
        assert stale.registered(["a"]) == {}
        assert stale.register(partition("c")) is None
        assert stale.claim(5, LEASE, overdue=99) == []
        assert stale.start(known.id, LEASE) == 0
        assert not stale.note_aggregated(known.id, "digest")
        assert not stale.split(known.id, [partition("a")])
        assert not stale.form_batch(batch, LEASE)
        assert stale.overdue_batches(LEASE, 9) == []
        assert stale.commit(delta(done), {done.id: "digest"}).code == "stale"
        assert stale.compact(Base(None), {}, {"c00": b"x"}, {}) == "stale"
        stale.release(known.id, counts=True)
        stale.dissolve(batch)
        assert dump() == before
