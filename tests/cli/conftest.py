"""Deployments for commands: stores and a Redis, named by the variables that the commands read."""

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from telemetry_tasks.app import app
from telemetry_tasks.bootstrap import services
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import load_settings
from tests.cli.invoking import run
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY
from tests.servers.weed import WeedServer
from tests.support.backends import InRedis
from tests.support.deployment import aggregate_all, merge_all
from tests.support.living import all_live
from tests.support.shared import SHARED, lay_real_pings

READER, READERS_SECRET = "reader", "readers-secret"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands send log lines to their own stderr, which ends with them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own settings reaches a test; and lines are not broken at 80 columns."""
    for name in ("TELEMETRY_ENVIRONMENT", "TELEMETRY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")


@pytest.fixture
def real_pings(tmp_path: Path) -> Path:
    """A folder with the real pings under their keys; one of the four files is broken."""
    root = tmp_path / "pings"
    lay_real_pings(root)
    return root


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three places of objects, empty, in the memory of this process."""
    for name in ("INPUT", "RESULTS", "PUBLISHED"):
        monkeypatch.setenv(f"TELEMETRY_{name}_URL", f"memory://{uuid.uuid4().hex}")
    monkeypatch.setenv("TELEMETRY_DEFINITIONS", json.dumps([str(SHARED / "data" / "definitions")]))


@pytest.fixture
def deployed(stores: None, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``stores``, and a Redis that is empty but for the signs of life of workers and beat."""
    monkeypatch.setenv("TELEMETRY_REDIS_URL", redis_url)
    monkeypatch.setenv("TELEMETRY_BROKER_URL", redis_url)
    monkeypatch.setenv("TELEMETRY_PARTITION_AGE", "0")
    # Celery's own settings are read once a process, by whichever test comes first
    for setting in ("broker_url", "broker_read_url", "broker_write_url", "result_backend"):
        monkeypatch.setitem(app.conf, setting, redis_url)
    monkeypatch.setattr(app, "_backend_cache", None)
    monkeypatch.setattr(app, "_local", threading.local())
    all_live(InRedis(redis_url).post)


def its_services() -> Services:
    """The services that the commands use."""
    return services(load_settings())


@pytest.fixture
def counted(deployed: None, real_pings: Path) -> None:
    """The real pings, added up and not published."""
    run("ingest", real_pings)
    aggregate_all(its_services())
    merge_all(its_services())


class SharedWeed(WeedServer):
    """A second user may read and list, and nothing else."""

    def _identities(self) -> Path:
        path = super()._identities()
        document = json.loads(path.read_text())
        keys = [{"accessKey": READER, "secretKey": READERS_SECRET}]
        document["identities"].append({"name": "reader", "credentials": keys, "actions": ["Read", "List"]})
        path.write_text(json.dumps(document))
        return path


@pytest.fixture(scope="session")
def shared_weed() -> Iterator[SharedWeed]:
    with SharedWeed() as server:
        yield server


@pytest.fixture
def s3_deployed(shared_weed: SharedWeed, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> SharedWeed:
    """Empty buckets of a real S3 server, and an empty Redis."""
    for name in ("INPUT", "RESULTS", "PUBLISHED"):
        monkeypatch.setenv(f"TELEMETRY_{name}_URL", f"s3://{shared_weed.new_bucket()}")
    monkeypatch.setenv("TELEMETRY_S3_ENDPOINT_URL", shared_weed.endpoint_url)
    monkeypatch.setenv("TELEMETRY_S3_ADDRESSING_STYLE", "path")
    monkeypatch.setenv("TELEMETRY_S3_REGION", "us-east-1")
    monkeypatch.setenv("TELEMETRY_REDIS_URL", redis_url)
    monkeypatch.setenv("TELEMETRY_BROKER_URL", redis_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    return shared_weed
