"""The state of one channel/version, empty."""

import pytest
import redis

from telemetry_tasks.storage.channel_state import ChannelState
from tests.storage.redis_state.made import (
    EPOCH,
    NAME,
    Dump,
    Make,
    state_at,
)


@pytest.fixture
def make(redis_url: str) -> Make:
    """Further clients of the same channel/version, in the same epoch or another."""
    state_at(redis_url).begin_epoch(EPOCH, only_if_none=True)
    return lambda epoch=EPOCH: state_at(redis_url).channel_version(NAME, epoch)


@pytest.fixture
def state(make: Make) -> ChannelState:
    made = make()
    made.begin()
    return made


@pytest.fixture
def dump(redis_url: str) -> Dump:
    """All keys and values but staged ones: to show that nothing was written."""

    def take() -> dict[bytes, object]:
        with redis.Redis.from_url(redis_url) as client:
            return {key: client.dump(key) for key in client.scan_iter() if b":stage:" not in key}

    return take
