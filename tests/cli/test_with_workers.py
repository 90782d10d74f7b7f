"""The commands that leave the work to real workers, over folders that all processes share."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from telemetry_tasks.embedded.celery_probe import worker_answers
from telemetry_tasks.embedded.commands import beat_command, worker_command
from telemetry_tasks.settings.redis_addresses import key_prefix
from telemetry_tasks.storage.redis.broker import QUEUES
from tests.cli.invoking import run, spawn
from tests.servers.process import ServerProcess
from tests.support.shared import REAL_KEYS, SHARED

NODE = "worker@127.0.0.1"
BROKEN = REAL_KEYS["corrupted.lzma"]
QUICK = {f"TELEMETRY_{name}_INTERVAL": "1" for name in ("MERGE", "SWEEP")}
NEVER = {f"TELEMETRY_{name}_INTERVAL": "86400" for name in ("DISCOVER", "PUBLISH")}


@pytest.fixture
def environment(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the processes and the commands share."""
    values = {"TELEMETRY_REDIS_URL": redis_url, "TELEMETRY_BROKER_URL": redis_url.replace("/0", "/1"), **QUICK, **NEVER}
    for name in ("input", "results", "published"):
        (tmp_path / name).mkdir()
        values[f"TELEMETRY_{name.upper()}_URL"] = f"folder://{tmp_path / name}"
    values["TELEMETRY_DEFINITIONS"] = json.dumps([str(SHARED / "data" / "definitions")])
    values["TELEMETRY_REQUIRE_DURABLE_REDIS"] = "false"
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@dataclass
class Workers:
    """The processes of the deployment."""

    worker: ServerProcess
    beat: ServerProcess


@pytest.fixture
def workers(environment: dict[str, str], tmp_path: Path) -> Iterator[Workers]:
    broker = environment["TELEMETRY_BROKER_URL"]
    worker = ServerProcess([*worker_command(NODE, QUEUES, 2)], tmp_path / "worker.log", dict(os.environ))
    beat = ServerProcess([*beat_command(tmp_path / "schedule")], tmp_path / "beat.log", dict(os.environ))
    try:
        worker.start(lambda: worker_answers(broker, key_prefix("tt"), NODE))
        beat.start(lambda: True)
        yield Workers(worker, beat)
    finally:
        beat.kill()
        worker.stop()


def test_from_the_first_file_to_a_repaired_one(workers: Workers, real_pings: Path, tmp_path: Path) -> None:
    assert spawn("ingest", real_pings).code == 0
    found = spawn("discover", "--now", "--dispatch", "--json")
    assert found.document["dispatched"] is True
    assert len(found.document["partitions"]) == 2
    published = spawn("publish", "--wait", "--timeout", 60, "--json")
    assert published.code == 0, published.err
    assert published.document["channel_versions"] == ["nightly/22", "nightly/28"]
    assert spawn("status", "--json").document["missing"][0]["file"] == BROKEN

    again = spawn("reprocess", "--version", 22, "--json")
    assert [job["outcome"] for job in again.document["jobs"]] == ["switched"], again.err

    sound = real_pings / REAL_KEYS["ss-ff-n-28.lzma"]
    (real_pings / BROKEN).write_bytes(sound.read_bytes())
    assert spawn("ingest", real_pings, "--json").document["replaced"] == 1
    retried = spawn("retry-missing", "--json")
    assert [job["outcome"] for job in retried.document["jobs"]] == ["switched"], retried.err
    assert spawn("publish").code == 0
    assert spawn("status").code == 0
    assert spawn("verify").out == "All agrees\n"


def test_status_says_within_a_minute_which_kinds_of_process_are_gone(workers: Workers) -> None:
    def findings(*more: str) -> set[tuple[str, str]]:
        return {(finding["code"], finding["about"]) for finding in run("status", "--json", *more).document["findings"]}

    def wait_for(expected: set[tuple[str, str]], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while (found := findings()) != expected and time.monotonic() < deadline:
            time.sleep(0.5)
        assert found == expected

    spawn("discover", "--now")
    wait_for(set())
    assert spawn("status").code == 0
    workers.beat.kill()
    workers.worker.kill()
    wait_for({("no-beat", ""), *(("no-worker", queue) for queue in QUEUES)})
    assert spawn("status").code == 1
    workers.worker.start(lambda: True)
    wait_for({("no-beat", "")})


def test_a_deployment_on_the_same_redis_has_no_part_in_the_life_of_another(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEMETRY_REDIS_PREFIX", "other")
    spawn("discover", "--now")
    found = spawn("status", "--json").document["findings"]
    assert {finding["code"] for finding in found} == {"no-beat", "no-worker"}


FORMATS = """
import time
from telemetry_tasks.formats.pings.saved_session.format import SavedSession

class Raises(SavedSession):
    def row(self, key, info):
        raise LookupError("a bug of mine")

class Hangs(SavedSession):
    def row(self, key, info):
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
"""
TIMES = {"SOFT_TIME_LIMIT": "1", "TIME_LIMIT": "2", "VISIBILITY_TIMEOUT": "3", "LEASE": "4", "RETRY_DELAY": "0.5"}


def wait_for(right: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not right() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert right()


@pytest.mark.parametrize(
    ("form", "code", "says"),
    [
        ("Raises", "task-exception", "aggregate_partition (nightly/22): LookupError: a bug of mine"),
        ("Hangs", "task-time-limit", "aggregate_partition (nightly/22): it exceeded TELEMETRY_TIME_LIMIT (2 s)"),
    ],
)
def test_what_a_task_raises_or_never_ends_is_a_finding_until_the_same_work_goes_well(
    environment: dict[str, str],
    real_pings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    code: str,
    says: str,
) -> None:
    (tmp_path / "own_formats.py").write_text(FORMATS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name, value in {**TIMES, "MAX_ATTEMPTS": "1000"}.items():
        monkeypatch.setenv(f"TELEMETRY_{name}", value)
    command = [*worker_command(NODE, QUEUES, 2)]
    ours = {**os.environ, "TELEMETRY_PING_FORMAT": f"own_formats:{form}"}
    broken = ServerProcess(command, tmp_path / "broken.log", ours)
    repaired = ServerProcess(command, tmp_path / "repaired.log", dict(os.environ))
    beat = ServerProcess([*beat_command(tmp_path / "schedule")], tmp_path / "beat.log", dict(os.environ))

    def told() -> str:
        found = run("status", "--json").document["findings"]
        return " ".join(finding["text"] for finding in found if finding["code"] == code)

    (real_pings / BROKEN).unlink()
    spawn("ingest", real_pings)
    try:
        beat.start(lambda: True)
        broken.start(lambda: True)
        spawn("discover", "--now", "--dispatch")
        wait_for(lambda: says in told())
        broken.kill()
        repaired.start(lambda: True)
        wait_for(lambda: not told())
    finally:
        for process in (beat, broken, repaired):
            process.kill()


def test_without_workers_a_wait_ends_and_says_what_to_look_at(environment: dict[str, str], real_pings: Path) -> None:
    spawn("ingest", real_pings)
    spawn("discover", "--now", "--dispatch")
    ran = spawn("publish", "--wait", "--timeout", 1)
    assert ran.code == 4
    assert "do workers run on the queues" in ran.error
