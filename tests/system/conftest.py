"""Two Valkey servers for the fleets of the system tests: state and broker, as they should be."""

from collections.abc import Iterator

import pytest

from tests.servers.redis import RedisServer


@pytest.fixture(scope="session")
def state_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def broker_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server
