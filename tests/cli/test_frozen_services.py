"""Services that are stopped with their sockets open: every command says within seconds what does not answer."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.cli.invoking import spawn
from tests.servers.redis import RedisServer
from tests.servers.s3 import REGION
from tests.servers.weed import WeedServer

MOST = 25.0
"""Seconds from start to exit: 5 for the services, the rest for a busy machine to start Python and boto3."""

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


@pytest.fixture
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


@pytest.fixture
def frozen_store(servers: tuple[WeedServer, RedisServer], environment: dict[str, str]) -> Iterator[str]:
    weed = servers[0]
    os.kill(weed.pid, signal.SIGSTOP)
    yield weed.endpoint_url
    os.kill(weed.pid, signal.SIGCONT)


@pytest.fixture
def frozen_redis(servers: tuple[WeedServer, RedisServer], environment: dict[str, str]) -> Iterator[str]:
    redis = servers[1]
    redis.freeze()
    yield f"Redis at {redis.url}"
    redis.thaw()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_frozen_object_store_is_named_within_seconds(
    frozen_store: str, environment: dict[str, str], command: str
) -> None:
    began = time.monotonic()
    ran = spawn(*COMMANDS[command], environment=environment)
    took = time.monotonic() - began
    assert ran.code == 4, ran.out + ran.err
    assert frozen_store in ran.error
    assert took < MOST


@pytest.mark.parametrize("command", COMMANDS)
def test_a_frozen_redis_is_named_within_seconds(frozen_redis: str, environment: dict[str, str], command: str) -> None:
    began = time.monotonic()
    ran = spawn(*COMMANDS[command], environment=environment)
    took = time.monotonic() - began
    assert ran.code == 4, ran.out + ran.err
    assert frozen_redis.rpartition("/")[0] in ran.error
    assert took < MOST


def test_doctor_says_what_is_frozen(frozen_store: str, frozen_redis: str, environment: dict[str, str]) -> None:
    began = time.monotonic()
    ran = spawn("doctor", "--json", environment=environment)
    took = time.monotonic() - began
    assert ran.code == 1
    wrong = {check["subject"] for check in ran.document["checks"] if check["outcome"] == "wrong"}
    assert wrong >= {"Redis, state", "Redis, broker", "Ping files", "Results", "Published"}
    assert took < MOST
