"""What only the state in Redis has: a server, scripts, values in pieces."""

import pytest
import redis

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.redis import fenced as redis_fenced
from telemetry_tasks.storage.redis import ledger as redis_ledger
from telemetry_tasks.storage.redis.channel_state import RedisChannelState
from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.state_values import Base
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.storage.state.made import (
    EPOCH,
    LATER,
    LEASE,
    NAME,
    aggregated,
    delta,
    merged,
    partition,
    state_at,
)
from tests.support.backends import Backend, InRedis


@pytest.fixture
def backend(redis_url: str) -> Backend:
    return InRedis(redis_url)


class Forgetful(redis.Redis):
    """A client of a server that is told to forget its scripts before each that is called by its digest."""

    def execute_command(self, *args: object, **options: object) -> object:
        if args[0] == "EVALSHA":
            super().execute_command("SCRIPT FLUSH")
        return super().execute_command(*args, **options)


def test_a_server_that_forgets_its_scripts_at_any_moment_runs_them(redis_url: str) -> None:
    with Forgetful.from_url(redis_url) as client:
        deployment = RedisState(client, redis_url, "tt")
        assert deployment.begin_epoch(EPOCH)
        state = deployment.channel_version(NAME, EPOCH)
        state.begin()
        deployment.add_channel_version(NAME)
        merged(state, partition("a"))
        assert state.counts().merged == 1


def test_beginning_leaves_no_key_of_the_epoch_before(state: RedisChannelState, redis_url: str) -> None:
    merged(state, partition("a"))
    assert state.compact(state.base(), dict.fromkeys(state.deltas(), 1), {"c00": b"block"}, {}) == "ok"
    merged(state, partition("b"))
    state.add_job("job", b"plan", LEASE)
    state.note_done("job", state.run_id("job"), "p", "d")
    state_at(redis_url).channel_version(NAME, LATER).begin()
    with redis.Redis.from_url(redis_url) as client:
        assert list(client.scan_iter("tt:{*")) == [b"tt:{nightly/28}:epoch"]


@pytest.mark.parametrize("prefix", ["tt*", "t?", "[t]t", "t\\t", "{t}t"])
def test_a_prefix_with_characters_of_patterns_names_its_own_keys_and_no_others(redis_url: str, prefix: str) -> None:
    client = redis.Redis.from_url(redis_url)
    others = [RedisState(client, redis_url, name).channel_version(NAME, LATER) for name in ("tt2", "tt", "t*")]
    mine = RedisState(client, redis_url, prefix)
    for each in (*others, mine.channel_version(NAME, EPOCH)):
        each.begin()
        merged(each, partition("a"))
    mine.channel_version(NAME, LATER).begin()
    assert [sorted(other.merged()) for other in others] == [[partition("a").id]] * 3
    assert [key for key in client.scan_iter() if key.startswith(f"{prefix}:".encode())] == [
        f"{prefix}:{{{NAME}}}:epoch".encode()
    ]


class TestStaging:
    def test_one_whose_staged_bytes_expired_writes_nothing(
        self,
        state: RedisChannelState,
        monkeypatch: pytest.MonkeyPatch,
        backend: Backend,
    ) -> None:
        one = partition("a")
        aggregated(state, one)
        before = backend.dump()
        monkeypatch.setattr(state, "_stage", lambda blob: ["tt:{nightly/28}:stage:expired:0"])
        assert state.commit(delta(one), {one.id: "digest"}).code == "unstaged"
        assert backend.dump() == before

    @pytest.mark.parametrize("size", [1, 7, 1 << 20])
    def test_a_large_sum_is_kept_in_pieces(
        self, state: RedisChannelState, monkeypatch: pytest.MonkeyPatch, redis_url: str, size: int
    ) -> None:
        monkeypatch.setattr(redis_ledger, "PIECE", size)
        one = partition("a")
        aggregated(state, one)
        body = delta(one)
        state.commit(body, {one.id: "digest"})
        assert list(state.deltas().values()) == [body]
        with redis.Redis.from_url(redis_url) as client:
            pieces = list(client.scan_iter("*:delta:*", count=1000))
            assert len(pieces) == -(-len(body) // size)
            assert all(client.ttl(piece) == -1 for piece in pieces)
            assert list(client.scan_iter("*:stage:*", count=1000)) == []

    def test_what_was_staged_and_refused_goes_away_by_itself(self, state: RedisChannelState, redis_url: str) -> None:
        state.commit(delta(), {"nobody": "digest"})
        with redis.Redis.from_url(redis_url) as client:
            staged = list(client.scan_iter("*:stage:*", count=1000))
            assert [0 < client.ttl(key) <= redis_fenced.STAGE_SECONDS for key in staged] == [True]

    def test_a_compaction_whose_staged_bytes_expired_writes_nothing(
        self,
        state: RedisChannelState,
        monkeypatch: pytest.MonkeyPatch,
        backend: Backend,
    ) -> None:
        before = backend.dump()
        monkeypatch.setattr(state, "_stage_whole", lambda blob: "tt:{nightly/28}:stage:expired")
        assert state.compact(Base(None), {}, {"c00": b"x"}, {}) == "unstaged"
        assert backend.dump() == before


class TestTheServer:
    def test_a_redis_that_is_away_is_infrastructure_and_its_password_is_not_shown(self) -> None:
        url = f"redis://user:secret@127.0.0.1:{free_port()}/0"
        with pytest.raises(InfrastructureError, match="does not answer") as caught:
            state_at(url, socket_connect_timeout=1).epoch()
        assert "secret" not in str(caught.value)

    def test_a_wrong_password_is_the_operators_to_correct(self) -> None:
        with RedisServer() as server, redis.Redis.from_url(server.url) as client:
            client.config_set("requirepass", "right")
            with pytest.raises(OperatorError, match="refuses this user"):
                state_at(server.url.replace("redis://", "redis://:wrong@")).epoch()

    def test_a_lost_script_is_sent_again(self, state: RedisChannelState, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.script_flush()
        assert state.register(partition("a")) == []
