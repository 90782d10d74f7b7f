"""The state of one channel/version, empty: in Redis, and in memory. One suite for both."""

import pytest

from telemetry_tasks.storage.channel_state import ChannelState
from tests.storage.state.made import EPOCH, NAME, Dump, Make
from tests.support.backends import Backend, InMemory, InRedis


@pytest.fixture(params=["redis", "memory"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """What keeps the state."""
    return InMemory() if request.param == "memory" else InRedis(request.getfixturevalue("redis_url"))


@pytest.fixture
def make(backend: Backend) -> Make:
    """Further clients of the same channel/version, in the same epoch or another."""
    backend.client().begin_epoch(EPOCH)
    return lambda epoch=EPOCH: backend.client().channel_version(NAME, epoch)


@pytest.fixture
def state(make: Make) -> ChannelState:
    made = make()
    made.begin()
    return made


@pytest.fixture
def dump(backend: Backend) -> Dump:
    """All that is kept but staged values: to show that nothing was written."""
    return backend.dump
