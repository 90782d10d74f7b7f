"""Servers that every test may ask for, started when first used: once a run, under xdist once a worker.

``redis_server`` / ``redis_url``  Valkey; ``redis_url`` is its database 0, empty
``s3_server``                     moto, in this process: quick
``weed_server``                   SeaweedFS: real, checks keys and checksums
``s3_bucket``                     the name of a new bucket on ``s3_server``
"""

from collections.abc import Iterator

import hypothesis
import pytest
import redis

from tests.servers import s3
from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.support.seed import CHOSEN, SEED

# by default an example may take 200 ms, which is a test of the machine
hypothesis.settings.register_profile("steady", deadline=None, print_blob=True, derandomize=not CHOSEN)
hypothesis.settings.load_profile("steady")


def pytest_report_header() -> str:
    """How to draw the same again."""
    return f"TEST_SEED={SEED}"


@pytest.fixture(scope="session", autouse=True)
def aws_environment() -> Iterator[None]:
    """The credentials of all S3 servers here, for this process and its children."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            patch.delenv(name, raising=False)
        for name, value in s3.ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Shared: do not kill, freeze or configure it; start a ``RedisServer`` of your own for that."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """A Redis without any key in any of its databases."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
        client.script_flush()
    return redis_server.url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[MotoServer]:
    """Shared: make buckets of your own with ``new_bucket()``."""
    with MotoServer() as server:
        yield server


@pytest.fixture(scope="session")
def weed_server() -> Iterator[WeedServer]:
    """Shared: make buckets of your own with ``new_bucket()``; to kill one, start your own."""
    with WeedServer() as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: MotoServer) -> str:
    return s3_server.new_bucket()
