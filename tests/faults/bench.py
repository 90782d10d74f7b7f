"""A deployment of processes that is made to suffer: what runs, what was put in, and what has to come out."""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import redis

from telemetry_tasks import bootstrap
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.errors import InfrastructureError, TelemetryError
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.reprocess.plan import entries_of
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import Settings, load_settings
from tests.faults.feed import Feed
from tests.faults.reader import Reader
from tests.faults.record import Record
from tests.faults.size import sized
from tests.servers.ports import HOST
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.support.deployment import published_bytes
from tests.system.processes import APPLICATION, Fleet, Process, logs

TIMES = {
    "PUBLISH_INTERVAL": "1",
    "PARTITION_FILES": "1",
    "SOFT_TIME_LIMIT": "4",
    "TIME_LIMIT": "6",
    "VISIBILITY_TIMEOUT": "7",
    "LEASE": "7",
    "MERGE_LEASE": "5",
    "PUBLISH_LEASE": "5",
    "SOFT_SHUTDOWN": "1",
    "S3_MAX_CONNECTIONS": "8",
    "LOG_FORMAT": "json",
}
"""Over ``SHORT_TIMES`` of the fleet: what was lost is found within ten seconds."""

PATIENCE = sized(400, 600)
"""Seconds that a bench may take to get anywhere; a shared machine may be slow."""

VERIFIED = 100
"""Partitions that ``verify`` recomputes at the end of a case; the serial recomputation has all of them."""


class Bench:
    """Two durable Redis of its own, a bucket of its own, workers, beat, a reader that never stops looking.

    ``services`` and ``settings`` reach the servers directly, whatever proxies ``settings`` put before the workers.
    """

    def __init__(
        self,
        folder: Path,
        s3: WeedServer,
        record: Record,
        feed: Feed,
        host: str = HOST,
        password: str | None = None,
        **settings: str,
    ) -> None:
        self.record, self.feed = record, feed
        record.partitions(len(feed.bodies))
        self.state, self.broker = (RedisServer(durable=True, host=host, password=password) for _ in range(2))
        self.state.start()
        self.broker.start()
        own = {
            "REDIS_URL": self.state.url_of(0),
            "BROKER_URL": self.broker.url_of(0),
            "RESULT_BACKEND": self.broker.url_of(1),
            "S3_ENDPOINT_URL": s3.endpoint_url,
        }
        self.fleet = Fleet(folder, self.state, self.broker, s3, **{**TIMES, **own, **settings})
        direct = {**self.fleet.environment, **{f"TELEMETRY_{name}": value for name, value in own.items()}}
        self.settings = _settings(direct)
        self.services: Services = bootstrap.services(self.settings)
        self.reader = Reader(self.services.published, record.row["seed"])
        self.workers: list[Process] = []
        self.beats: list[Process] = []

    def start(
        self,
        workers: int = 2,
        processes: int = 2,
        beats: int = 1,
        application: str = APPLICATION,
        environment: Mapping[str, str] | None = None,
        **settings: str,
    ) -> "Bench":
        """Starts everything; every worker takes every kind of task."""
        for _ in range(workers):
            worker = self.fleet.worker(
                processes=processes, application=application, environment=environment, **settings
            )
            self.workers.append(worker)
        self.beats += [self.fleet.beat() for _ in range(beats)]
        self.reader.start()
        return self

    def wait_ready(self) -> "Bench":
        """Until the workers take messages."""
        for worker in self.workers:
            worker.wait_ready(180)
        return self

    def upload(self, keys: Iterable[str] | None = None) -> None:
        """Puts files of the feed into the input bucket: all, or these."""
        for key in self.feed.keys if keys is None else keys:
            self.services.input.put(key, self.feed.bodies[key])

    def revive(self) -> list[str]:
        """Starts again what has died, as a supervisor does; the names."""
        dead = [process for process in (*self.workers, *self.beats) if not process.alive]
        for process in dead:
            process.kill()  # children may be left
            process.start()
        return [process.name for process in dead]

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log lines of all processes with this event."""
        found = []
        for process in self.fleet.processes:
            for line in process.logged().splitlines():
                if f'"event": "{event}"' in line:
                    found.append(json.loads(line))
        return found

    def queue(self, name: str) -> str:
        """The key of one of Celery's queues in the broker."""
        return f"{self.fleet.celery_prefix}{name}"

    def broker_client(self, database: int = 0) -> redis.Redis:
        return redis.Redis.from_url(self.broker.url_of(database))

    def state_client(self) -> redis.Redis:
        return redis.Redis.from_url(self.state.url_of(0))

    def listed(self) -> set[str]:
        """The files on the two published lists."""
        try:
            processed, missing = self.fleet.published.files()
        except AssertionError:  # a garbage collection, or a store that is away
            return set()
        return {*processed, *missing}

    def wait_listed(self, count: int, seconds: float = PATIENCE) -> None:
        """Until that many files are published."""
        self.wait_until(lambda: len(self.listed()) >= count, seconds, f"{count} files published")

    def wait_counted(self, count: int, seconds: float = PATIENCE) -> None:
        """Until that many partitions count."""

        def counted() -> bool:
            try:
                return sum(state.counts().merged for state in channel_states(self.services)) >= count
            except InfrastructureError:
                return False

        self.wait_until(counted, seconds, f"{count} partitions count")

    def wait_until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        """Until it holds; what dies meanwhile is started again."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}; {self.progress()}"
            for name in self.revive():
                self.record.note(f"{name} had ended and was started again")
            time.sleep(0.2)

    def progress(self) -> str:
        """How far it has come, for messages."""
        try:
            counts = [str(state.counts()) for state in channel_states(self.services)]
        except TelemetryError as error:
            counts = [str(error)]
        return f"{len(self.listed())} of {len(self.feed.bodies)} published; {counts}"

    def wait_published(self, seconds: float = PATIENCE) -> None:
        """Until every file is on one of the two published lists, and ``versions.json`` has followed.

        Tests end a proxy after it: nothing may be left that the fleet still has to write through the proxy.
        """
        wanted = set(self.feed.bodies)
        self.wait_until(lambda: wanted <= self.listed(), seconds, "all files published")
        self.record.recovered()
        self.wait_until(self.settled, 180, "versions.json follows")

    def settled(self) -> bool:
        """Whether ``versions.json`` has followed the last switch."""
        try:
            return self.fleet.published.settled()
        except AssertionError:  # what the index names is not there yet
            return False

    def wait_bytes(self, truth: Mapping[str, str], seconds: float = PATIENCE) -> None:
        """Until what is published is the truth; for changes that the lists of files do not show."""
        self.wait_until(lambda: self.published() == truth, seconds, "the right bytes published")
        self.record.recovered()

    def published(self) -> dict[str, str]:
        """SHA-256 of all that readers reach now."""
        while True:
            stamp = load_current(self.services.published).stamp
            if not stamp:
                return {}
            found = published_bytes(self.services.published)
            if load_current(self.services.published).stamp == stamp:
                return found

    def reports(self) -> list[FileReport]:
        """What the ledger has of each file that counts, or is missing."""
        entries = (entry for state in channel_states(self.services) for entry in entries_of(state))
        return [report for entry in entries for report in entry.reports]

    def ledger(self) -> list[str]:
        """The files in the ledger; none while the state is away or being restored."""
        try:
            return sorted(report.key for report in self.reports())
        except InfrastructureError:
            return []

    def check(self, truth: Mapping[str, str], *, missing: Iterable[str] = (), lines: bool = True) -> None:
        """The same bytes as the truth, all inputs in the ledger, every line counted, nothing found by ``verify``."""
        # a state that was put back may be behind what readers see: it catches up
        self.wait_until(lambda: self.ledger() == self.feed.keys, 180, "the ledger is the list of inputs")
        self.wait_until(self.settled, 180, "versions.json follows")
        found = self.published()
        wrong = sorted(name for name in {*found, *truth} if found.get(name) != truth.get(name))
        assert not wrong, f"{len(wrong)} published files are not the serial recomputation's: {wrong[:5]}"
        reports = self.reports()
        assert sorted(report.key for report in reports) == self.feed.keys, "the ledger is not the list of inputs"
        assert {report.key for report in reports if report.error} == set(missing)
        if lines:
            assert sum(report.good + sum(report.bad.values()) for report in reports) == self.feed.lines
        self.check_sound()

    def check_sound(self) -> None:
        """Nothing is found by ``verify``, and the reader saw nothing wrong."""
        began = time.monotonic()
        findings = [str(finding) for finding in verify(self.services, min(1.0, VERIFIED / len(self.feed.bodies)))]
        print(f"verified in {time.monotonic() - began:.1f} s")
        assert not findings, findings
        self.reader.stop()
        assert not self.reader.violations, self.reader.violations
        self.record.note(f"{self.reader.reads} reads")
        self.record.row["complete"] = True

    def close(self) -> None:
        """Ends all of it."""
        try:
            self.reader.stop()
        finally:
            self.fleet.__exit__(None, None, None)
            self.state.__exit__(None, None, None)
            self.broker.__exit__(None, None, None)

    def logs(self) -> str:
        """The ends of the logs of all processes."""
        return logs(self.fleet.processes)


def _settings(environment: Mapping[str, str]) -> Settings:
    with patch.dict(os.environ, environment):
        return load_settings()
