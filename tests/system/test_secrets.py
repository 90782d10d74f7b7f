"""Every process and command fails, with passwords and keys in reach; nothing that it writes shows one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from celery import Celery

from telemetry_tasks.settings.redis_addresses import key_prefix
from tests.embedded.waiting import wait_until
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.workers.running import ROOT, running

PASSWORD, OTHER = "Zq7secretPw", "another-secretPw"
LOGIN, KEY, PING = "flowerSecretPw", "wJalrXUtnFEMI-K7MDENG-SECRET", "c0ffee-of-a-client"
SECRETS = (PASSWORD, OTHER, LOGIN, KEY, PING)
PREFIX = key_prefix("tt")
FORMS = ("human", "json")
EVERYTHING_FAILS = {
    "AWS_ACCESS_KEY_ID": "AKIDOFTEST",
    "AWS_SECRET_ACCESS_KEY": KEY,
    "TELEMETRY_FLOWER_LOGIN": f"operator:{LOGIN}",
    "TELEMETRY_LOG_LEVEL": "DEBUG",
    "TELEMETRY_DISCOVER_INTERVAL": "0.5",
    "TELEMETRY_MERGE_INTERVAL": "0.5",
}


@pytest.fixture
def locked() -> Iterator[RedisServer]:
    """A Redis with a password."""
    with RedisServer(password=PASSWORD) as server:
        yield server


def settings_of(server: RedisServer, folder: Path, form: str) -> dict[str, str]:
    return {
        **EVERYTHING_FAILS,
        "TELEMETRY_LOG_FORMAT": form,
        "TELEMETRY_BROKER_URL": server.url,
        "TELEMETRY_REDIS_URL": server.url_of(1),
        "TELEMETRY_BEAT_SCHEDULE": str(folder / "beat"),
        "TELEMETRY_FLOWER_PORT": str(free_port()),
        "TELEMETRY_METRICS_PORT": str(free_port()),
        "TELEMETRY_PAGE_PORT": str(free_port()),
    }


def assert_secret(written: str) -> None:
    """No secret is in it, nor half of one."""
    assert [secret for secret in SECRETS if secret in written] == []


@pytest.mark.parametrize("form", FORMS)
def test_tasks_that_fail_tell_no_secret(form: str, locked: RedisServer, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "celery", "-A", "tests.workers.throwing", "worker", "-c", "1", "-Q", "merge")
    sender = Celery(broker=locked.url, set_as_current=False)
    options = {"global_keyprefix": PREFIX}
    sender.conf.update(task_serializer="msgpack", broker_transport_options=options)
    log = tmp_path / "log"
    with running((*command, "-l", "DEBUG"), tmp_path, **settings_of(locked, tmp_path, form)):
        for task in ("throw", "throw_chained"):
            sender.send_task(task, queue="merge")
        sender.close()
        wait_until(lambda: "RuntimeError" in log.read_text() and "OSError" in log.read_text(), 180)
    written = log.read_text()
    assert_secret(written)
    assert "throw_chained" in written


@pytest.mark.parametrize("form", FORMS)
def test_processes_whose_password_is_changed_tell_no_secret(form: str, locked: RedisServer, tmp_path: Path) -> None:
    kinds = ("merge", "beat", "flower", "metrics", "page")
    folders = {kind: tmp_path / kind for kind in kinds}
    settings = settings_of(locked, tmp_path, form)
    started = {"merge": " ready.", "beat": "beat: Starting", "flower": "Connected", "metrics": "", "page": ""}

    def logged(kind: str) -> str:
        return (folders[kind] / "log").read_text()

    with ExitStack() as stack, redis.Redis.from_url(locked.url) as client:
        for kind, folder in folders.items():
            folder.mkdir()
            stack.enter_context(running((sys.executable, "-m", f"workers.{kind}"), folder, **settings))
        wait_until(lambda: all(text in logged(kind) for kind, text in started.items()), 180)
        before = {kind: len(logged(kind)) for kind in kinds}
        client.config_set("requirepass", OTHER)
        client.client_kill_filter(_type="normal", skipme=False)
        talkers = ("merge", "beat", "flower")
        wait_until(lambda: all(len(logged(kind)) > before[kind] for kind in talkers), 180)
        wait_until(lambda: "invalid username-password pair" in logged("flower"), 180)
    for kind in kinds:
        assert_secret(logged(kind))


COMMANDS = (
    ("status",),
    ("--debug", "status"),
    ("doctor",),
    ("--debug", "discover", "--now", "--dispatch"),
    ("--debug", "publish"),
)


@pytest.mark.parametrize("places", ["redis", "s3", "urls"])
def test_commands_that_fail_tell_no_secret(places: str, locked: RedisServer, tmp_path: Path) -> None:
    wrong = locked.url.replace(PASSWORD, OTHER)
    away = f"http://127.0.0.1:{free_port()}"
    changes = {
        "redis": {"TELEMETRY_REDIS_URL": wrong, "TELEMETRY_BROKER_URL": wrong},
        "s3": {
            **{f"TELEMETRY_{name}_URL": "s3://bucket/x" for name in ("INPUT", "RESULTS", "PUBLISHED")},
            "TELEMETRY_S3_ENDPOINT_URL": away,
            "AWS_MAX_ATTEMPTS": "1",
        },
        "urls": {"TELEMETRY_REDIS_URL": f"redis://:{PASSWORD}@[host/x", "TELEMETRY_BROKER_URL": f"redis://:{OTHER}@:x"},
    }
    folders = {f"TELEMETRY_{name}_URL": f"folder://{tmp_path}" for name in ("INPUT", "RESULTS", "PUBLISHED")}
    environment = {**os.environ, **folders, **settings_of(locked, tmp_path, "human"), **changes[places]}
    command = [sys.executable, "-m", "telemetry_tasks.cli.main"]
    failed = 0
    for arguments in COMMANDS:
        ended = subprocess.run(
            [*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180
        )
        failed += ended.returncode != 0
        assert_secret(ended.stdout + ended.stderr)
    assert failed >= 3


@pytest.mark.parametrize("kind", ["merge", "beat", "flower", "metrics", "page"])
def test_settings_that_are_not_valid_tell_no_secret(kind: str, tmp_path: Path) -> None:
    odd = {
        **EVERYTHING_FAILS,
        "TELEMETRY_BROKER_URL": f"redis://:{PASSWORD}@host:1/0",
        "TELEMETRY_BROKER_URL_FILE": str(tmp_path / PASSWORD[:3]),
        "TELEMETRY_WINDOW": "none",
    }
    command = [sys.executable, "-m", f"workers.{kind}"]
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **odd}, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 2
    assert_secret(ended.stdout + ended.stderr)
