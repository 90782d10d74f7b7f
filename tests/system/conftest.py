"""Two Valkey servers for the fleets of the system tests: state and broker, as they should be."""

from collections.abc import Iterator

import pytest

from tests.servers.redis import RedisServer
from tests.system.made import Made, made, thinned


@pytest.fixture(scope="session")
def state_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def broker_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Six small ping files."""
    return thinned(made(tmp_path_factory.mktemp("few"), files=6, pings=2, seed=11))
