"""Services that are stopped with their sockets open: every command says within seconds what does not answer."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.cli.invoking import Ran, spawn
from tests.servers.redis import RedisServer
from tests.servers.s3 import REGION
from tests.servers.weed import WeedServer

MOST = 60.0
"""Seconds from start to exit: 5 for the services, the rest for a busy machine to start all of them at once."""

COMMANDS = {
    "status": ("status",),
    "discover": ("discover", "--now"),
    "verify": ("verify",),
    "publish": ("publish",),
    "reprocess": ("reprocess", "--dry-run"),
    "restore": ("restore",),
}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[WeedServer, RedisServer]]:
    with WeedServer() as weed, RedisServer(durable=True) as redis:
        yield weed, redis


@pytest.fixture(scope="module")
def environment(servers: tuple[WeedServer, RedisServer]) -> dict[str, str]:
    weed, redis = servers
    names = ("INPUT", "RESULTS", "PUBLISHED")
    return {
        **{f"TELEMETRY_{name}_URL": f"s3://{weed.new_bucket()}" for name in names},
        "TELEMETRY_S3_ENDPOINT_URL": weed.endpoint_url,
        "TELEMETRY_S3_REGION": REGION,
        "TELEMETRY_REDIS_URL": redis.url,
        "TELEMETRY_BROKER_URL": redis.url_of(1),
    }


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def run_all(environment: dict[str, str]) -> dict[str, Ran]:
    """All commands at once: each of them waits most of its time."""
    with ThreadPoolExecutor(len(COMMANDS)) as pool:
        running = {
            name: pool.submit(spawn, *command, environment=environment, timeout=MOST)
            for name, command in COMMANDS.items()
        }
        return {name: each.result() for name, each in running.items()}


@pytest.fixture(scope="module")
def without_store(servers: tuple[WeedServer, RedisServer], environment: dict[str, str]) -> dict[str, Ran]:
    """What each command says while the object store is stopped."""
    with stopped(servers[0].pid):
        return run_all(environment)


@pytest.fixture(scope="module")
def without_redis(servers: tuple[WeedServer, RedisServer], environment: dict[str, str]) -> dict[str, Ran]:
    """What each command says while Redis is stopped."""
    with stopped(servers[1].pid):
        return run_all(environment)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_frozen_object_store_is_named_within_seconds(
    servers: tuple[WeedServer, RedisServer], without_store: dict[str, Ran], command: str
) -> None:
    ran = without_store[command]
    assert ran.code == 4, ran.out + ran.err
    assert servers[0].endpoint_url in ran.error


@pytest.mark.parametrize("command", COMMANDS)
def test_a_frozen_redis_is_named_within_seconds(
    servers: tuple[WeedServer, RedisServer], without_redis: dict[str, Ran], command: str
) -> None:
    ran = without_redis[command]
    assert ran.code == 4, ran.out + ran.err
    assert f"Redis at {servers[1].url}".rpartition("/")[0] in ran.error


def test_doctor_says_what_is_frozen(servers: tuple[WeedServer, RedisServer], environment: dict[str, str]) -> None:
    with stopped(servers[0].pid), stopped(servers[1].pid):
        ran = spawn("doctor", "--json", environment=environment, timeout=MOST)
    assert ran.code == 1
    wrong = {check["subject"] for check in ran.document["checks"] if check["outcome"] == "wrong"}
    assert wrong >= {"Redis, state", "Redis, broker", "Ping files", "Results", "Published"}
