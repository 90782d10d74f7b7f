"""A deployment for each test: watched stores in memory that go by one clock, and a real Redis."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import pytest

from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from tests.support.deployment import deployment
from tests.support.pings import ping_file
from tests.support.stores import Clock, WatchedStore


@dataclass(frozen=True)
class Stage:
    """A deployment and its parts as tests see them."""

    services: Services
    clock: Clock

    @property
    def input(self) -> WatchedStore:
        return cast(WatchedStore, self.services.input)

    @property
    def results(self) -> WatchedStore:
        return cast(WatchedStore, self.services.results)

    @property
    def published(self) -> WatchedStore:
        return cast(WatchedStore, self.services.published)

    def state(self, name: str = "nightly/28") -> ChannelState:
        return channel_state(self.services, name)

    def with_options(self, **options: object) -> "Stage":
        changed = replace(self.services.options, **options)  # type: ignore[arg-type]
        return Stage(replace(self.services, options=changed), self.clock)

    def upload(self, *keys: str, body: bytes | None = None) -> None:
        for key in keys:
            self.input.put(key, ping_file() if body is None else body)

    def lose_redis(self) -> None:
        """Everything in Redis is gone, as after a flush or on a new server."""
        self.services.state.client.flushall()


Make = Callable[[], Stage]


@pytest.fixture
def make_stage(redis_url: str) -> Make:
    def make() -> Stage:
        clock = Clock()
        stores = {name: WatchedStore(name, clock) for name in ("input", "results", "published")}
        return Stage(deployment(redis_url, Options(transfers=2, retry_delay=0.0), **stores), clock)

    return make


@pytest.fixture
def stage(make_stage: Make) -> Stage:
    """A deployment that has begun with nothing."""
    made = make_stage()
    ensure_state(made.services)
    return made
