"""A deployment of real processes: workers, beat, Flower, over real servers; to be killed, frozen and restarted."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psutil

from telemetry_tasks.embedded.commands import beat_command
from telemetry_tasks.settings.redis_addresses import key_prefix
from tests.servers.ports import HOST, free_port
from tests.servers.process import dying_with_us
from tests.servers.redis import RedisServer
from tests.servers.s3 import REGION, S3Server
from tests.system.bucket import PublishedBucket
from tests.system.nursery import Child, started

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT.parent / "shared" / "data" / "definitions"
APPLICATION = "telemetry_tasks.app"
QUEUES = ("control", "aggregate", "merge", "publish")
PUBLISHED_BUCKET = "telemetry"  # the one that SeaweedFS lets anybody read
ANYBODY_READS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{PUBLISHED_BUCKET}/*",
        }
    ],
}
SHOWN = 3000  # characters of each log in a failure

SHORT_TIMES = {
    "DISCOVER_INTERVAL": "0.5",
    "MERGE_INTERVAL": "0.5",
    "SWEEP_INTERVAL": "1",
    "PUBLISH_INTERVAL": "0.5",
    "PARTITION_AGE": "0",
    "SOFT_TIME_LIMIT": "20",
    "TIME_LIMIT": "25",
    "VISIBILITY_TIMEOUT": "30",
    "LEASE": "30",
    "MERGE_LEASE": "15",
    "PUBLISH_LEASE": "30",
    "RETRY_DELAY": "0.2",
    "SOFT_SHUTDOWN": "1",
}
"""Settings under which a deployment is through within seconds, and what was lost is found within half a minute."""

_databases = itertools.count()


def celery(application: str = APPLICATION) -> tuple[str, ...]:
    """The beginning of a Celery command."""
    return (sys.executable, "-m", "celery", "-A", application)


class Process:
    """One process of the fleet, in a session of its own with all its children. Its log is ``log``."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name, self._command, self.log = name, list(command), log
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | Child | None = None

    @property
    def pid(self) -> int:
        assert self._process, f"{self.name} was not started"
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> "Process":
        """Starts it (again)."""
        environment = {**os.environ, **self._environment}
        self._process = started(self._command, self.log, environment)
        if self._process is not None:
            return self
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                dying_with_us(self._command),
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def children(self) -> list[psutil.Process]:
        """The prefork children of a worker."""
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def signal_all(self, number: int) -> None:
        """Sends a signal to it and all its children."""
        for process in (*self.children(), psutil.Process(self.pid) if self.alive else None):
            if process is not None:
                try:
                    process.send_signal(number)
                except psutil.NoSuchProcess:
                    continue

    def kill(self) -> None:
        """SIGKILL to it and all its children, as when the machine goes away."""
        self.signal_all(signal.SIGKILL)
        if self._process:
            self._process.wait(60)

    def kill_child(self) -> bool:
        """SIGKILL to one prefork child, as by the out-of-memory killer. False where there is none."""
        children = self.children()
        if children:
            children[-1].kill()
        return bool(children)

    def freeze(self) -> None:
        """SIGSTOP: it keeps what it has and answers nothing, until ``thaw()``."""
        self.signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal_all(signal.SIGCONT)

    def signal(self, number: int) -> None:
        """Sends a signal to it alone, not to its children."""
        assert self._process
        self._process.send_signal(number)

    def terminate(self, seconds: float = 120.0) -> int:
        """SIGTERM, as a supervisor stops it; its exit code."""
        assert self._process
        self._process.terminate()
        return self._process.wait(seconds)

    def wait(self, seconds: float = 120.0) -> int:
        """Waits for its own end; its exit code."""
        assert self._process
        return self._process.wait(seconds)

    def wait_ready(self, seconds: float = 120.0) -> "Process":
        """Until a worker says that it takes messages."""
        wait_until(lambda: " ready." in self.logged() or not self.alive, seconds, [self])
        assert self.alive, f"{self.name} ended:\n{self.logged()[-SHOWN:]}"
        return self

    def logged(self) -> str:
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""


class Fleet:
    """``with Fleet(folder, state, broker, s3) as fleet: fleet.worker(); fleet.beat(); fleet.upload(…)``.

    Every fleet has a prefix in S3 and in Redis of its own. ``settings`` are ``TELEMETRY_*`` by the name after
    that, over ``SHORT_TIMES``.
    """

    def __init__(self, folder: Path, state: RedisServer, broker: RedisServer, s3: S3Server, **settings: str) -> None:
        self.folder = folder
        self.name = f"fleet-{uuid.uuid4().hex[:12]}"
        self.processes: list[Process] = []
        self._s3 = s3.client()
        self._bucket = s3.new_bucket()
        s3.ensure_bucket(PUBLISHED_BUCKET)
        if s3.name == "moto":  # another test may have created the bucket; SeaweedFS has the policy in its configuration
            self._s3.put_bucket_policy(Bucket=PUBLISHED_BUCKET, Policy=json.dumps(ANYBODY_READS))
        self.published = PublishedBucket(f"{s3.endpoint_url}/{PUBLISHED_BUCKET}/{self.name}")
        database = next(_databases) % 16
        given = {
            "REDIS_URL": state.url_of(database),
            "BROKER_URL": broker.url_of(database),
            "REDIS_PREFIX": self.name,
            "REQUIRE_DURABLE_REDIS": "false",
            "INPUT_URL": f"s3://{self._bucket}/pings",
            "RESULTS_URL": f"s3://{self._bucket}/work",
            "PUBLISHED_URL": f"s3://{PUBLISHED_BUCKET}/{self.name}",
            "S3_ENDPOINT_URL": s3.endpoint_url,
            "S3_ADDRESSING_STYLE": "path",
            "S3_REGION": REGION,
            "DEFINITIONS": f'["{DEFINITIONS}"]',
            **SHORT_TIMES,
            **settings,
        }
        self.celery_prefix = key_prefix(given["REDIS_PREFIX"])
        self.environment = {f"TELEMETRY_{name}": value for name, value in given.items()}

    def worker(
        self,
        queues: Sequence[str] = QUEUES,
        processes: int = 1,
        application: str = APPLICATION,
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
        **settings: str,
    ) -> Process:
        """Starts a worker; with ``prefix`` before its command."""
        name = f"worker-{len(self.processes)}"
        arguments = ("worker", "-c", str(processes), "-Q", ",".join(queues), "-n", f"{name}@%h", "-E", "-l", "INFO")
        command = (*prefix, *celery(application), *arguments, "--without-gossip", "--without-mingle")
        own = {f"TELEMETRY_{key}": value for key, value in settings.items()}
        return self._started(name, command, {**own, **(environment or {})})

    def beat(self) -> Process:
        """Starts the clock."""
        name = f"beat-{len(self.processes)}"
        schedule = self.folder / f"{name}.schedule"
        return self._started(name, beat_command(schedule))

    def flower(self) -> str:
        """Starts Flower; its address."""
        port = free_port()
        self._started("flower", (sys.executable, "-m", "workers.flower"), {"TELEMETRY_FLOWER_PORT": str(port)})
        return f"http://{HOST}:{port}"

    def entry_point(self, kind: str, **settings: str) -> Process:
        """Starts ``python -m workers.<kind>``."""
        own = {f"TELEMETRY_{key}": value for key, value in settings.items()}
        return self._started(kind, (sys.executable, "-m", f"workers.{kind}"), own)

    def metrics(self) -> str:
        """Starts the exporter of metrics; the address of what it shows."""
        port = free_port()
        self.entry_point("metrics", METRICS_PORT=str(port))
        return f"http://{HOST}:{port}/metrics"

    def _started(self, name: str, command: Sequence[str], more: Mapping[str, str] | None = None) -> Process:
        process = Process(name, command, self.folder / f"{name}.log", {**self.environment, **(more or {})})
        self.processes.append(process)
        return process.start()

    def upload(self, root: Path, keys: Iterable[str]) -> None:
        """Puts ping files into the input bucket under their keys, in this order."""
        for key in keys:
            self._s3.put_object(Bucket=self._bucket, Key=f"pings/{key}", Body=(root / key).read_bytes())

    def wait_published(self, keys: Iterable[str], seconds: float = 400.0) -> None:
        """Until every one of these files is on one of the two published lists."""
        wanted = set(keys)

        def published() -> bool:
            processed, missing = self.published.files()
            return wanted <= {*processed, *missing} and self.published.settled()

        wait_until(published, seconds, self.processes)

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.kill()
        if error is not None:
            error.add_note(logs(self.processes))


def wait_until(holds: Callable[[], object], seconds: float, processes: Sequence[Process] = ()) -> None:
    """Returns as soon as ``holds()``; fails with the processes' logs when it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"still not after {seconds} s"
        time.sleep(0.1)


def logs(processes: Iterable[Process]) -> str:
    """The end of each log."""
    return "\n".join(f"--- {process.name}\n{process.logged()[-SHOWN:]}" for process in processes)
