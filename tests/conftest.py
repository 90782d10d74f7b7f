"""Servers that every test may ask for, started when first used: once a run, under xdist once a worker.

``redis_server`` / ``redis_url``  Valkey; ``redis_url`` is its database 0, empty
``s3_server``                     moto, in this process: quick
``weed_server``                   SeaweedFS: real, checks keys and checksums
``s3_bucket``                     the name of a new bucket on ``s3_server``
``stage`` / ``make_stage``        a deployment in this process; its state is in memory unless ``--state`` says otherwise
``redis_stage``                   the same on a real Redis whatever ``--state`` says: for what only Redis has
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis

from telemetry_tasks.pipeline.recovery.restore import ensure_state
from tests.servers import s3
from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.support import distribution
from tests.support.backends import Backend, InMemory, InRedis
from tests.support.seed import CHOSEN, SEED
from tests.support.stage import Make, Stage, stage_over

TESTS = Path(__file__).parent
LONG = ("faults", "system", "workers", "cli", "embedded", "deploy", "page_server", "fuzz")
"""Folders of tests that start processes or take long, the longest first."""

# by default an example may take 200 ms, which is a test of the machine
hypothesis.settings.register_profile("steady", deadline=None, print_blob=True, derandomize=not CHOSEN)
hypothesis.settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--state",
        choices=("memory", "redis", "both"),
        default="memory",
        help="what keeps the state in tests/pipeline (default: memory, which is quick)",
    )
    parser.addoption(
        "--background",
        action="store_true",
        help="the last of the processes of -n is nice, and runs only tests without short time limits",
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    distribution.start(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return distribution.scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests take long first, patient ones last: none is left alone with long ones in the end."""
    order = (*LONG, "", *distribution.PATIENT)
    ranks = {name: number for number, name in enumerate(order)}
    items.sort(key=lambda item: ranks.get(item.path.relative_to(TESTS).parts[0], ranks[""]))


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
    with WeedServer(cores=1) as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: MotoServer) -> str:
    return s3_server.new_bucket()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that has a state has it in memory, in Redis, or in one after the other, as ``--state`` says."""
    if "state_backend" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--state")
        names = ("memory", "redis") if chosen == "both" else (chosen,)
        ids = [pytest.HIDDEN_PARAM if name == "memory" else name for name in names]
        metafunc.parametrize("state_backend", names, indirect=True, ids=ids)


@pytest.fixture
def state_backend(request: pytest.FixtureRequest) -> Backend:
    """What keeps the state, empty."""
    return InMemory() if request.param == "memory" else InRedis(request.getfixturevalue("redis_url"))


@pytest.fixture
def make_stage(state_backend: Backend) -> Make:
    return lambda: stage_over(state_backend)


@pytest.fixture
def stage(make_stage: Make) -> Stage:
    """A deployment that has begun with nothing."""
    made = make_stage()
    ensure_state(made.services)
    return made


@pytest.fixture
def redis_stage(redis_url: str) -> Stage:
    """The same on a real Redis in every run."""
    made = stage_over(InRedis(redis_url))
    ensure_state(made.services)
    return made
