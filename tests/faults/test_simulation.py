"""F32 on a real Redis: the steps of the pipeline, crashed, doubled and overtaken at any of their requests, by dice.

A few hundred lives, as a real server allows; ``test_simulated_lives`` has thousands, with the state in memory.
No threads and no times decide what happens: every lease is over at once, so that everything that can be done twice
is, and a seed replays.
"""

import random
import secrets
import threading
from collections.abc import Callable
from typing import Any

import pytest
import redis

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.documents import read_lines
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.inspect.published_rules import check_published, fetcher
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.merge import merge_slice, plan_merges, reduce_batch
from telemetry_tasks.storage.redis.state import RedisState
from tests.faults.feed import make_feed
from tests.faults.record import Record
from tests.faults.size import SEED, sized
from tests.faults.steps import STEPS
from tests.faults.truth import Truth
from tests.support.deployment import deployment, published_bytes
from tests.support.stores import Clock, WatchedStore

SEEDS = sized(10, 300)
FILES = 6
ROUNDS = 14
Event = Callable[[], None]


class Crash(BaseException):
    """The process is gone; nothing of it may catch this."""


class Requests:
    """Counts the requests of the process to stores and Redis, and lets an event happen at one of them."""

    def __init__(self) -> None:
        self.count = 0
        self._at, self._event = -1, (lambda: None)
        self._process = threading.get_ident()

    def plan(self, at: int, event: Event) -> None:
        """The event happens ``at`` requests from here."""
        self._at, self._event = self.count + at, event

    def forget(self) -> None:
        self._at = -1

    def __call__(self, *what: object) -> None:
        if threading.get_ident() != self._process:  # of a pool: their order is not ours
            return
        self.count += 1
        if self.count - 1 == self._at:
            self.forget()
            self._event()


class WatchedRedis(redis.Redis):
    """A client whose commands are counted, before they are sent and after they were answered."""

    requests: Requests

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        self.requests()
        answer = super().execute_command(*arguments, **options)
        self.requests()  # a crash here is an answer that nobody got
        return answer


class NoLock:
    """A lock that everybody gets: safety never depends on one."""

    def acquire(self) -> bool:
        return True

    def reacquire(self) -> None: ...

    def release(self) -> None: ...


class Unlocked(RedisState):
    """The state, where nothing that is done twice is saved."""

    def lock(self, name: str, seconds: float) -> NoLock:
        return NoLock()


class World:
    """A deployment, what may happen to it, and what happened."""

    def __init__(self, url: str, seed: int) -> None:
        self.dice = random.Random(seed)
        self.trace: list[str] = []
        self.clock = Clock()
        self.requests = Requests()
        self.feed = make_feed(FILES, seed % 5)
        self.waiting = self.dice.sample(self.feed.keys, FILES)
        stores: dict[str, Any] = {name: WatchedStore(name, self.clock) for name in ("input", "results", "published")}
        self.client = WatchedRedis.from_url(url)
        self.client.requests = Requests()  # nobody plans anything for this one
        self.client.flushall()
        self.client.script_flush()  # or a second life would save the requests that load them
        options = Options(
            partition_files=1,
            batch_partitions=2,
            slice_partitions=1,
            lease=0.0,
            merge_lease=0.0,
            restore_lease=60.0,
            transfers=1,
            grace_time=3.0,
            keep_checkpoints=1,
        )
        self.services: Services = deployment(url, options, **stores)
        object.__setattr__(self.services, "state", Unlocked(self.client, url, "tt"))
        for store in stores.values():
            store.before = self.requests
        self.client.requests = self.requests
        self.shown: set[str] = set()

    def upload(self) -> None:
        if self.waiting:
            key = self.waiting.pop()
            self.services.input.put(key, self.feed.bodies[key])

    def discover(self) -> None:
        ensure_state(self.services)
        discover(self.services, self.services.input.now(), all_now=True)

    def aggregate(self) -> None:
        for job in claim_partitions(self.services, overdue=99, most=2):
            aggregate_partition(self.services, job.channel_version, job.partition)

    def merge(self) -> None:
        for job in plan_merges(self.services):
            slices = [merge_slice(self.services, job.channel_version, part) for part in job.slices]
            reduce_batch(self.services, job.channel_version, job.batch, slices)

    def publish(self) -> None:
        publish(self.services)

    def checkpoint(self) -> None:
        checkpoint(self.services)

    def collect(self) -> None:
        collect_garbage(self.services, self.services.published.now())

    def lose_state(self) -> None:
        self.client.flushall()

    def step(self) -> Event:
        usual = (self.discover, self.aggregate, self.merge, self.publish)
        return self.dice.choice((*usual * 3, self.checkpoint, self.collect))

    def crash(self) -> None:
        raise Crash

    def overtaken(self) -> None:
        """Others do whole steps while this one sleeps."""
        for _ in range(self.dice.randrange(1, 5)):
            self.do(self.step())

    def do(self, step: Event) -> None:
        """One step; infrastructure that fails leaves the work to the next."""
        began = self.requests.count
        try:
            step()
            ended = "done"
        except Crash:
            ended = "crashed"
        except InfrastructureError as error:
            ended = type(error).__name__
        self.trace.append(f"{step.__name__} {ended} after {self.requests.count - began}")

    def run(self) -> None:
        """A life, and after each step what readers see is whole, and never less than before."""
        for _ in range(ROUNDS):
            if self.dice.random() < 0.6:
                self.upload()
            event = self.dice.choice((self.crash, self.crash, self.overtaken, self.overtaken, self.lose_state))
            self.requests.plan(int(self.dice.expovariate(1 / 20)), event)
            self.do(self.step())
            self.requests.forget()
            self.clock.pass_(1.0)
            self.look()

    def look(self) -> None:
        current = load_current(self.services.published)
        if not current.stamp or self.services.published.head(VERSIONS) is None:
            return  # versions.json follows a moment later, the first one too
        findings = [each for each in check_published(fetcher(self.services.published)) if each.where != VERSIONS]
        assert findings == [], (findings, self.trace)
        path = f"current/{current.stamp}/FILES_PROCESSED"
        files = set(fetched_lines(self.services, path))
        assert self.shown <= files, (self.shown - files, self.trace)
        self.shown = files

    def settle(self) -> None:
        while self.waiting:
            self.upload()
        STEPS["settle"](self.services)
        self.clock.pass_(1.0)
        STEPS["settle"](self.services)


def fetched_lines(services: Services, path: str) -> list[str]:
    return read_lines(services.published.get(path).body)


@pytest.mark.case("F32")
def test_whatever_step_is_crashed_doubled_or_overtaken_the_same_bytes_come_out(
    redis_url: str, truth: Truth, record: Record
) -> None:
    """F32: hundreds of short lives by dice; each ends with the bytes of a serial recomputation."""
    right: dict[int, dict[str, str]] = {}
    for seed in range(SEED, SEED + SEEDS):
        world = World(redis_url, seed)
        world.run()
        world.settle()
        if seed % 5 not in right:
            right[seed % 5] = truth.of(world.feed)
        assert published_bytes(world.services.published) == right[seed % 5], (seed, world.trace)
        assert list(verify(world.services)) == [], (seed, world.trace)
        record.fault("life", 1)
    record.partitions(FILES * SEEDS)
    record.recovered()


@pytest.mark.case("F32")
def test_a_seed_of_the_simulation_replays(redis_url: str, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """F32: a seed that fails can be looked at again."""
    traces = []
    for _ in range(2):
        dice = random.Random(SEED)
        monkeypatch.setattr(secrets, "token_hex", lambda size=16, dice=dice: dice.randbytes(size).hex())
        world = World(redis_url, SEED)
        world.run()
        traces.append(world.trace)
    assert traces[0] == traces[1]
    record.note(f"{len(traces[0])} steps")
