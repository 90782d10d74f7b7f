"""Jobs, notes, counts, and a server that is away."""

import itertools
import time

import pytest
import redis

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.channel_state import ChannelState
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.storage.redis_state.made import (
    LEASE,
    SHORT,
    counted,
    partition,
    state_at,
)


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
        state.note_done("job", state.life_of("job"), "p", "d")
        assert state.done("job") == {"p": "d"}
        assert state.end_job("job")
        assert not state.end_job("job")
        assert (state.jobs(), state.done("job")) == ({}, {})


class TestCounts:
    def test_they_say_how_much_is_where_and_how_long_the_oldest_waits(self, state: ChannelState) -> None:
        for name in "abc":
            state.register(partition(name))
        state.claim(1, LEASE, renew=False)
        counted(state, partition("d"))
        counts = state.counts()
        assert (counts.files, counts.waiting, counts.dispatched, counts.counted, counts.deltas) == (4, 2, 1, 1, 1)
        assert counts.oldest_waiting == pytest.approx(time.time(), abs=30)


class TestTheServer:
    def test_a_redis_that_is_away_is_infrastructure_and_its_password_is_not_shown(self) -> None:
        url = f"redis://user:secret@127.0.0.1:{free_port()}/0"
        with pytest.raises(InfrastructureError, match="does not answer") as caught:
            state_at(url, socket_connect_timeout=1).epoch()
        assert "secret" not in str(caught.value)

    def test_a_wrong_password_is_the_operators_to_mend(self) -> None:
        with RedisServer() as server, redis.Redis.from_url(server.url) as client:
            client.config_set("requirepass", "right")
            with pytest.raises(OperatorError, match="refuses this user"):
                state_at(server.url.replace("redis://", "redis://:wrong@")).epoch()

    def test_a_lost_script_is_sent_again(self, state: ChannelState, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.script_flush()
        assert state.register(partition("a")) == []

    def test_notes_are_kept_for_their_time(self, redis_url: str) -> None:
        notes = state_at(redis_url)
        notes.set_note("n", b"1", SHORT)
        notes.set_note("forever", b"2")
        assert notes.note("n") == b"1"
        time.sleep(2 * SHORT)
        assert (notes.note("n"), notes.note("forever")) == (None, b"2")
        notes.drop_note("forever")
        assert notes.note("forever") is None

    def test_channel_versions_are_listed_in_order(self, redis_url: str) -> None:
        listed = state_at(redis_url)
        for name in itertools.permutations(("release/25", "aurora/27"), 2):
            for each in name:
                listed.add_channel_version(each)
        assert listed.channel_versions() == ["aurora/27", "release/25"]
