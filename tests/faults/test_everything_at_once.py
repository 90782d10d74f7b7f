"""``telemetry-tasks up``: two on one folder, and ``kill -9`` of everything at once, then ``up`` again."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import psutil
import pytest

from telemetry_tasks import bootstrap
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import load_settings
from tests.faults.bench import TIMES
from tests.faults.feed import make_feed
from tests.faults.reader import Reader
from tests.faults.record import Record
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.support.deployment import published_bytes
from tests.system.processes import DEFINITIONS, wait_until

OPTIONS = ("--no-simulate", "--no-flower", "--no-page", "--json")
Up = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Starts ``up`` on one folder; all that is left of it ends with the test."""
    given = {**TIMES, "DEFINITIONS": f'["{DEFINITIONS}"]', "PUBLISH_INTERVAL": "1"}
    environment = {**os.environ, **{f"TELEMETRY_{name}": value for name, value in given.items()}}
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        command = (sys.executable, "-m", "telemetry_tasks.cli.main", "up", "--data", str(tmp_path / "data"), *OPTIONS)
        out, err = subprocess.PIPE, (tmp_path / "up.log").open("a")
        started.append(subprocess.Popen(command, env=environment, stdout=out, stderr=err, text=True))
        return started[-1]

    yield start
    for each in started:
        kill_all(each)


def kill_all(process: "subprocess.Popen[str]") -> int:
    """SIGKILL to a process and everything below it, at once; how many."""
    if process.poll() is not None:
        return 0
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for each in family:
        each.send_signal(signal.SIGKILL) if each.is_running() else None
    process.wait(180)
    return len(family)


def ready(process: "subprocess.Popen[str]") -> dict[str, object]:
    """Its addresses, when all is ready."""
    assert process.stdout
    text = ""
    while line := process.stdout.readline():
        text += line
        try:
            return dict(json.loads(text))
        except json.JSONDecodeError:
            continue
    raise AssertionError(f"up ended with {process.wait()}")


def services_of(environment: Path) -> Services:
    """What reaches the embedded servers, as another shell does."""
    words = [word for word in shlex.split(environment.read_text(), comments=True) if "=" in word]
    given = dict(word.split("=", 1) for word in words) | {"TELEMETRY_DEFINITIONS": f'["{DEFINITIONS}"]'}
    with patch.dict(os.environ, given):
        services = bootstrap.services(load_settings())
        next(iter(services.input.list()), None)  # the client takes its credentials now
    return services


@pytest.mark.case("up killed")
def test_everything_killed_at_once_goes_on_where_it_was(up: Up, truth: Truth, tmp_path: Path, record: Record) -> None:
    feed, dice = make_feed(sized(24, 300), SEED), random.Random(SEED)
    record.partitions(len(feed.bodies))
    first = up()
    ready(first)
    second = up()
    assert second.wait(180) != 0
    record.fault("second up on the folder: refused")
    services = services_of(tmp_path / "data" / "environment.sh")
    reader = Reader(services.published, SEED)
    reader.start()
    keys = dice.sample(feed.keys, len(feed.keys))
    rounds = sized(1, 5)
    for number in range(rounds + 1):
        for key in keys[number :: rounds + 1]:
            services.input.put(key, feed.bodies[key])
        if number < rounds:
            time.sleep(dice.uniform(1.0, 3.0))
            killed = kill_all(first)
            record.fault(f"kill -9 of everything ({killed} processes)")
            first = up()
            ready(first)
    wanted = truth.of(feed)

    def right() -> bool:
        assert first.poll() is None, "up ended"
        try:
            return published_bytes(services.published) == wanted
        except TelemetryError:
            return False

    wait_until(right, 400)
    record.recovered()
    reader.stop()
    assert not reader.violations, reader.violations
    assert not [str(finding) for finding in verify(services)]
    first.terminate()
    assert first.wait(180) == 0
    record.row["complete"] = True
