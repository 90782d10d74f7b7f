"""Meters for what runs in this process: CPU, wall, S3 requests, round trips to Redis; real servers to run against."""

import gc
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import redis

from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.servers import s3
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.support.deployment import deployment

REQUESTS = ("list", "head", "get", "stream", "put", "copy", "delete", "now")


class MeteredStore:
    """A store that counts its requests; a listing or a removal of many counts once a thousand keys."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self.requests: Counter[str] = Counter()

    def _count(self, what: str, times: int = 1) -> None:
        with self._lock:
            self.requests[what] += times

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in REQUESTS or name in ("list", "delete"):
            return found

        def counted(*arguments: Any, **named: Any) -> Any:
            self._count(name)
            return found(*arguments, **named)

        return counted

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[Any]:
        """A request a page."""
        self._count("list")
        for number, info in enumerate(self._store.list(prefix, start_after=start_after), 1):
            if number % 1000 == 0:
                self._count("list")
            yield info

    def delete(self, keys: Any) -> None:
        """A request a thousand keys."""
        keys = list(keys)
        self._count("delete", -(-len(keys) // 1000))
        self._store.delete(keys)


class MeteredConnection(redis.Connection):
    """Counts requests to Redis; a pipeline counts once."""

    trips = 0

    def send_packed_command(self, *arguments: Any, **named: Any) -> None:
        """Counts, and sends."""
        MeteredConnection.trips += 1
        super().send_packed_command(*arguments, **named)


@dataclass(frozen=True)
class Reading:
    """A cost: CPU seconds of this process, wall seconds, S3 requests, round trips to Redis."""

    cpu: float
    wall: float
    requests: int
    trips: int


@dataclass(frozen=True)
class Bench:
    """Services to be measured, and the server of their state."""

    services: Services
    redis: RedisServer

    def measured(self, work: Callable[[], object]) -> Reading:
        """Runs it and returns its cost."""
        gc.collect()
        gc.freeze()  # excludes the objects of the benchmark itself
        stores = (self.services.input, self.services.results, self.services.published)
        before, trips = sum(_requests(store) for store in stores), MeteredConnection.trips
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        took = time.process_time() - cpu, time.perf_counter() - wall
        return Reading(*took, sum(_requests(store) for store in stores) - before, MeteredConnection.trips - trips)


def _requests(store: Any) -> int:
    return int(store.requests.total())


@contextmanager
def bench(*, s3_server: bool, options: Options | None = None) -> Iterator[Bench]:
    """Services over a Redis and either SeaweedFS or memory; definitions are derived from the lengths."""
    os.environ.update(s3.ENVIRONMENT)
    with RedisServer() as server:
        if not s3_server:
            yield Bench(_services(server, options, lambda name: MemoryObjectStore(name)), server)
            return
        with WeedServer() as weed:
            reach = S3Options(weed.endpoint_url, s3.REGION, "path")
            yield Bench(_services(server, options, lambda name: S3ObjectStore(weed.new_bucket(), name, reach)), server)


def _services(server: RedisServer, options: Options | None, store: Callable[[str], ObjectStore]) -> Services:
    stores: dict[str, Any] = {name: MeteredStore(store(name)) for name in ("input", "results", "published")}
    pool = redis.ConnectionPool.from_url(server.url, connection_class=MeteredConnection)
    state = RedisState(redis.Redis(connection_pool=pool), server.url, "tt")
    return replace(
        deployment(server.url, options, **stores), state=state, definitions=DefinitionSources([], parse_definitions)
    )
