"""`telemetry-tasks up` as a process, with real servers and workers."""

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import psutil
import pytest
import redis

from tests.embedded.waiting import alive, family, wait_until
from tests.servers.ports import free_ports

COMMAND = (sys.executable, "-m", "telemetry_tasks.cli.main", "up", "--json", "--no-simulate", "--no-flower")
BODY = b'{"schema": 1}'


class Up:
    """One run over a data folder. ``addresses`` is what it printed."""

    def __init__(self, folder: Path, *options: str, **settings: str) -> None:
        self.folder = folder
        self.log = folder.with_suffix(".log")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TELEMETRY_")}
        self.process = subprocess.Popen(
            [*COMMAND, "--data", str(folder), *options],
            env={**environment, **{f"TELEMETRY_{name}": value for name, value in settings.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log.open("ab"),
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.addresses: dict[str, Any] = json.loads(line)

    def children(self) -> list[psutil.Process]:
        return family(self.process.pid)

    def child(self, words: str) -> psutil.Process:
        """The child of the supervisor whose command line holds these words."""
        direct = psutil.Process(self.process.pid).children()
        return next(process for process in direct if words in " ".join(process.cmdline()))

    def s3(self) -> Any:
        secrets = json.loads((self.folder / "secrets.json").read_text())
        session = boto3.session.Session(secrets["access_key"], secrets["secret_key"], region_name="us-east-1")
        return session.client("s3", endpoint_url=self.addresses["s3"])

    def redis(self, name: str = "redis_state") -> "redis.Redis[bytes]":
        return redis.Redis.from_url(self.addresses[name])

    def says(self, what: str) -> bool:
        return what in self.log.read_text()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def fetched(url: str) -> tuple[int, bytes]:
    """Status and body; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except (OSError, http.client.HTTPException):
        return 0, b""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A run that the tests share: they leave it in order."""
    folder = tmp_path_factory.mktemp("up") / "data"
    run = Up(folder, "--port", str(free_ports(10, grpc=True)[0]), DATA_DIR_LEAST_FREE=str(1 << 60))
    yield run
    run.end()


def test_a_disk_with_less_room_than_was_asked_for_is_told(up: Up) -> None:
    wait_until(lambda: up.says(f"the disk of {up.folder} is nearly full"))


def test_published_objects_are_public_and_others_are_not(up: Up) -> None:
    for bucket in ("telemetry", "telemetry-work"):
        up.s3().put_object(Bucket=bucket, Key="here.json", Body=BODY)
    assert fetched(f"{up.addresses['data']}here.json") == (200, BODY)
    assert fetched(f"{up.addresses['s3']}/telemetry/here.json") == (200, BODY)
    for path in ("telemetry-work/here.json", "telemetry-work", "telemetry-pings", "telemetry"):
        assert fetched(f"{up.addresses['s3']}/{path}")[0] == 403


def test_metrics_are_served(up: Up) -> None:
    wanted = {f'telemetry_up{{service="{service}"}} 1.0' for service in ("state", "broker", "published")}
    wait_until(lambda: wanted <= set(fetched(up.addresses["metrics"])[1].decode().splitlines()))


def test_nothing_listens_beyond_loopback(up: Up) -> None:
    listening = [
        connection.laddr.ip
        for process in up.children()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}


def test_redis_refuses_writes_rather_than_forget(up: Up) -> None:
    for name in ("redis_state", "redis_broker"):
        with up.redis(name) as client:
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
            assert client.config_get("appendonly")["appendonly"] == "yes"
            assert client.config_get("maxmemory")["maxmemory"] == str(1 << 30)


def test_a_second_one_on_the_folder_is_refused(up: Up) -> None:
    second = subprocess.run([*COMMAND, "--data", str(up.folder)], capture_output=True, text=True, timeout=120)
    assert second.returncode != 0
    assert f"is in use by another `telemetry-tasks up` (process {up.process.pid})" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_shell_with_the_written_environment_meets_the_services(up: Up) -> None:
    script = f'. {up.addresses["environment"]}; exec "$0" -m telemetry_tasks.cli.main status --json'

    def status() -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, text=True, timeout=120)

    wait_until(lambda: status().returncode == 0)  # until the first discover
    answer = status()
    assert answer.returncode == 0, answer.stdout
    assert json.loads(answer.stdout)["healthy"] is True


@pytest.mark.parametrize("words", ["app worker", "--port {state}", "mini"])
def test_a_killed_child_comes_back(up: Up, words: str) -> None:
    words = words.format(state=up.addresses["redis_state"].rpartition(":")[2].partition("/")[0])
    first = up.child(words) if "port" not in words else _listener(up, int(words.split()[1]))
    first.kill()
    wait_until(lambda: not alive([first]))
    wait_until(lambda: up.says("ended (killed by SIGKILL), starts again in"))
    with up.redis() as client:
        wait_until(lambda: _answers(client))
    wait_until(lambda: fetched(f"{up.addresses['s3']}/telemetry/here.json")[0] in (200, 404))
    wait_until(lambda: any("app worker" in " ".join(process.cmdline()) for process in alive(up.children())))


def _body(up: Up, key: str) -> bytes | None:
    """The object, None while the store cannot read it."""
    try:
        return up.s3().get_object(Bucket="telemetry-work", Key=key)["Body"].read()
    except botocore.exceptions.ClientError:
        return None


def test_all_goes_with_a_killed_supervisor_and_the_data_stay(tmp_path: Path) -> None:
    first = Up(tmp_path / "data", "--port", str(free_ports(10, grpc=True)[0]))
    try:
        first.s3().put_object(Bucket="telemetry-work", Key="kept", Body=BODY)
        with first.redis() as client:
            client.set("kept", b"1")
            wait_until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
        children = first.children()
        assert len(children) >= 7  # two Redis, S3, the worker and its two processes, beat, page
        first.process.kill()
        second = Up(tmp_path / "data")
    finally:
        first.end()
    try:
        assert not alive(children)
        places = ("page", "data", "s3", "redis_state", "redis_broker")
        assert [second.addresses[name] for name in places] == [first.addresses[name] for name in places]
        # SeaweedFS takes writes before it has found all its old volumes again
        wait_until(lambda: _body(second, "kept") is not None)
        assert _body(second, "kept") == BODY
        with second.redis() as client:
            assert client.get("kept") == b"1"
        children = second.children()
        os.killpg(second.process.pid, signal.SIGINT)
        assert second.process.wait(180) == 0
        assert not alive(children)
    finally:
        second.end()


def _listener(up: Up, port: int) -> psutil.Process:
    return next(
        process
        for process in up.children()
        if any(connection.laddr.port == port for connection in process.net_connections("inet"))
    )


def _answers(client: "redis.Redis[bytes]") -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
