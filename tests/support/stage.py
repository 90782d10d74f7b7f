"""A deployment for each test: watched stores in memory that go by one clock, and a watched state."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import redis

from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from tests.support.backends import Backend, InRedis
from tests.support.deployment import services_over
from tests.support.pings import ping_file
from tests.support.stores import Clock, WatchedStore
from tests.support.watched_state import Watch, watched


@dataclass(frozen=True)
class Stage:
    """A deployment and its parts as tests see them. ``clock`` is that of the stores, ``elapse`` moves the state's."""

    services: Services
    clock: Clock
    backend: Backend
    requests: Watch = field(default_factory=Watch)

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

    def over(self, services: Services) -> "Stage":
        """The same deployment with other services."""
        return replace(self, services=services)

    def with_options(self, **options: object) -> "Stage":
        changed = replace(self.services.options, **options)  # type: ignore[arg-type]
        return self.over(replace(self.services, options=changed))

    def upload(self, *keys: str, body: bytes | None = None) -> None:
        for key in keys:
            self.input.put(key, ping_file() if body is None else body)

    def lose_state(self) -> None:
        """Everything in it is gone, as after a flush or on a new server."""
        self.backend.wipe()

    def elapse(self, seconds: float) -> None:
        """So much time passes by the state's clock: leases end, and delays are over."""
        self.backend.elapse(seconds)


Make = Callable[[], Stage]


def stage_over(backend: Backend) -> Stage:
    """A deployment of empty stores over what keeps its state."""
    clock, watch = Clock(), Watch()
    stores = {name: WatchedStore(name, clock) for name in ("input", "results", "published")}
    services = services_over(watched(backend.client(), watch), Options(transfers=2, retry_delay=0.0), **stores)
    return Stage(services, clock, backend, watch)


def redis_of(stage: Stage) -> redis.Redis:
    """The server of a ``redis_stage``."""
    assert isinstance(stage.backend, InRedis)
    return stage.backend.redis
