"""A planted password is in nothing that a command says, whether it works or fails."""

import pytest
import redis

from tests.cli.invoking import run
from tests.servers.ports import HOST
from tests.servers.redis import RedisServer

PASSWORD = "swordfish-and-chips"


@pytest.fixture(params=["right", "wrong", "no number for a port", "no URL"])
def redis_with_password(
    request: pytest.FixtureRequest, deployed: None, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """URLs with the password: of a Redis that takes it as its own user's, that does not, and what is no URL."""
    url = {
        "right": f"redis://keeper:{PASSWORD}@{HOST}:{redis_server.port}",
        "wrong": f"redis://nobody:{PASSWORD}@{HOST}:{redis_server.port}",
        "no number for a port": f"redis://:{PASSWORD}@{HOST}:port",
        "no URL": f"http://:{PASSWORD}@{HOST}",
    }[request.param]
    monkeypatch.setenv("TELEMETRY_REDIS_URL", f"{url}/1")
    monkeypatch.setenv("TELEMETRY_BROKER_URL", f"{url}/0")
    monkeypatch.setenv("TELEMETRY_FLOWER_LOGIN", f"user:{PASSWORD}")


@pytest.fixture(autouse=True)
def keeper(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.acl_setuser("keeper", enabled=True, passwords=[f"+{PASSWORD}"], keys=["*"], categories=["+@all"])


@pytest.mark.parametrize("command", [("doctor",), ("doctor", "--json"), ("status",), ("status", "--json")])
def test_no_command_tells_a_password(
    command: tuple[str, ...], redis_with_password: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEMETRY_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("TELEMETRY_DEBUG", "1")
    ran = run(*command)
    assert ran.out + ran.err
    assert PASSWORD not in ran.out + ran.err
