"""A Redis that would lose the state is refused, with what to change."""

import re

import pytest
import redis

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.preflight import check_server, verify_state_server, wait_for_state_server
from telemetry_tasks.settings import Settings, load_settings
from tests.servers.ports import HOST, free_port
from tests.servers.redis import RedisServer

GOOD = {"maxmemory-policy": "noeviction", "appendonly": "yes"}
URL = "redis://somewhere:6379/1"


def settings_for(url: str, **more: object) -> Settings:
    return load_settings(redis_url=url, **more)


def check(version: str = "7.2.4", config: dict[str, str] | None = None, *, needs_aof: bool = True) -> None:
    check_server(URL, {"redis_version": version}, config, needs_aof=needs_aof)


@pytest.mark.parametrize("version", ["6.2.0", "6.2.14", "7.0.15", "7.2.4", "8.0.0", "10.0.1"])
def test_redis_from_6_2_serves(version: str) -> None:
    check(version, GOOD)


@pytest.mark.parametrize("version", ["2.8.0", "5.0.14", "6.0.9"])
def test_older_ones_are_refused(version: str) -> None:
    with pytest.raises(OperatorError, match=rf"{version}; 6\.2 or newer"):
        check(version, GOOD)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-lru", "allkeys-random"])
def test_one_that_drops_keys_when_it_is_full_is_refused(policy: str) -> None:
    with pytest.raises(OperatorError, match=f"maxmemory-policy {policy}.*set maxmemory-policy noeviction"):
        check(config={**GOOD, "maxmemory-policy": policy})


def test_one_without_an_append_only_file_is_refused_unless_that_is_wanted() -> None:
    config = {**GOOD, "appendonly": "no"}
    with pytest.raises(OperatorError, match="set appendonly yes"):
        check(config=config)
    check(config=config, needs_aof=False)


def test_a_managed_one_that_does_not_show_its_settings_is_taken_at_its_word() -> None:
    check(config=None)


@pytest.mark.parametrize(
    ("options", "what"),
    [({"maxmemory-policy": "allkeys-lru", "appendonly": "yes"}, "allkeys-lru"), ({"appendonly": "no"}, "appendonly")],
)
def test_a_real_server_is_asked(options: dict[str, str], what: str) -> None:
    with RedisServer(options) as server, pytest.raises(OperatorError, match=what):
        verify_state_server(settings_for(server.url))


def test_a_durable_server_passes() -> None:
    with RedisServer(durable=True) as server:
        verify_state_server(settings_for(server.url))


def test_a_server_whose_settings_are_hidden_passes(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.execute_command("ACL", "SETUSER", "guest", "on", ">guest", "~*", "+@all", "-config")
    verify_state_server(settings_for(redis_server.url.replace("://", "://guest:guest@")))


def test_a_wrong_password_is_said_without_showing_any(redis_server: RedisServer) -> None:
    with pytest.raises(OperatorError) as caught:
        verify_state_server(settings_for(redis_server.url.replace("://", "://nobody:secret@")))
    assert "check the password" in str(caught.value)
    assert not re.search("secret|nobody:", str(caught.value))


def test_a_server_that_is_away_is_waited_for() -> None:
    with RedisServer(durable=True) as server:
        server.kill()
        waits: list[float] = []

        def restart(seconds: float) -> None:
            waits.append(seconds)
            server.restart()

        wait_for_state_server(settings_for(server.url), sleep=restart)
        assert waits == [1.0]


def test_a_server_that_stays_away_is_given_up() -> None:
    settings = settings_for(f"redis://{HOST}:{free_port()}/0")
    naps: list[float] = []
    with pytest.raises(InfrastructureError, match="does not answer"):
        wait_for_state_server(settings, patience=0.0, sleep=naps.append)
    assert naps == []
