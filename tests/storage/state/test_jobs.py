"""Jobs, notes, locks, counts."""

import itertools
import time
from contextlib import suppress

import pytest

from telemetry_tasks.storage.channel_state import ChannelState
from tests.storage.state.made import LEASE, SHORT, Dump, merged, partition
from tests.support.backends import Backend


class TestJobs:
    def test_a_job_is_kept_once_and_handed_out_when_its_lease_is_over(self, state: ChannelState) -> None:
        assert state.add_job("job", b"plan", 0.0)
        assert not state.add_job("job", b"other plan", LEASE)
        assert state.jobs() == {"job": b"plan"}
        assert state.overdue_jobs() == ["job"]
        state.renew_job("job", LEASE)
        assert state.overdue_jobs() == []

    def test_an_ended_job_is_forgotten_with_what_it_had_done(self, state: ChannelState) -> None:
        state.add_job("job", b"plan", LEASE)
        state.note_done("job", state.run_id("job"), "p", "d")
        assert state.done("job") == {"p": "d"}
        assert state.end_job("job")
        assert not state.end_job("job")
        assert (state.jobs(), state.done("job")) == ({}, {})

    def test_a_job_whose_sender_dies_as_soon_as_it_is_kept_is_overdue_all_the_same(
        self, state: ChannelState, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(state, "renew_job", dies)
        with suppress(KeyboardInterrupt):
            state.add_job("job", b"plan", 0.0)
        assert state.overdue_jobs() == ["job"]

    def test_a_job_that_is_over_is_not_overdue_however_late_somebody_is_at_it(self, state: ChannelState) -> None:
        state.add_job("job", b"plan", 0.0)
        state.end_job("job")
        state.renew_job("job", 0.0)
        assert state.overdue_jobs() == []

    def test_a_job_that_there_is_not_has_no_life_to_act_in(self, state: ChannelState, dump: Dump) -> None:
        before = dump()
        assert state.begin_attempt("job", state.run_id("job"), "p", LEASE) == 0
        state.release_attempt("job", state.run_id("job"), "p", counts=True)
        assert not state.note_done("job", state.run_id("job"), "p", "d")
        assert dump() == before

    def test_a_message_that_comes_again_does_not_wait_for_the_attempt_that_was_lost_with_its_worker(
        self, state: ChannelState
    ) -> None:
        state.add_job("job", b"plan", LEASE)
        run_id = state.run_id("job")
        assert state.begin_attempt("job", run_id, "p", LEASE, "message") == 1
        assert state.begin_attempt("job", run_id, "p", LEASE, "copy") == 0
        assert state.begin_attempt("job", run_id, "p", LEASE) == 0
        assert state.begin_attempt("job", run_id, "p", LEASE, "message") == 2
        state.release_attempt("job", run_id, "p", counts=True, delay=LEASE)
        assert state.begin_attempt("job", run_id, "p", LEASE, "message") == 0, "the delay after a failure is for all"
        assert state.done("job") == {}

    def test_an_attempt_that_names_no_message_is_waited_for_by_all(self, state: ChannelState) -> None:
        state.add_job("job", b"plan", LEASE)
        assert state.begin_attempt("job", state.run_id("job"), "p", LEASE) == 1
        assert state.begin_attempt("job", state.run_id("job"), "p", LEASE) == 0

    def test_the_lease_of_the_last_attempt_is_renewed_and_of_no_other(self, state: ChannelState) -> None:
        state.add_job("job", b"plan", LEASE)
        run_id = state.run_id("job")
        assert state.begin_attempt("job", run_id, "p", 0.0) == 1
        state.renew_attempt("job", run_id, "p", 1, LEASE)
        assert state.backing_off("job") == {"p"}
        assert state.begin_attempt("job", run_id, "p", LEASE) == 0
        state.renew_attempt("job", run_id, "p", 1, 0.0)
        assert state.begin_attempt("job", run_id, "p", 0.0) == 2
        state.renew_attempt("job", run_id, "p", 1, LEASE)
        state.renew_attempt("job", "another run", "p", 2, LEASE)
        assert state.backing_off("job") == set()


class TestCounts:
    def test_they_say_how_much_is_where_and_how_long_the_oldest_waits(self, state: ChannelState) -> None:
        for name in "abc":
            state.register(partition(name))
        state.claim(1, LEASE)
        merged(state, partition("d"))
        counts = state.counts()
        assert (counts.files, counts.waiting, counts.running, counts.merged, counts.deltas) == (4, 2, 1, 1, 1)
        assert counts.oldest_waiting == pytest.approx(time.time(), abs=30)


class TestTheDeployment:
    def test_notes_are_kept_for_their_time(self, backend: Backend) -> None:
        notes = backend.client()
        notes.set_note("n", b"1", SHORT)
        notes.set_note("forever", b"2")
        assert notes.note("n") == b"1"
        backend.elapse(2 * SHORT)
        assert (notes.note("n"), notes.note("forever")) == (None, b"2")
        notes.drop_note("forever")
        assert notes.note("forever") is None

    def test_channel_versions_are_listed_in_order(self, backend: Backend) -> None:
        listed = backend.client()
        for name in itertools.permutations(("release/25", "aurora/27"), 2):
            for each in name:
                listed.add_channel_version(each)
        assert listed.channel_versions() == ["aurora/27", "release/25"]
