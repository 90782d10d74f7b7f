"""The stores that the contract is held against."""

from pathlib import Path

import pytest

from telemetry_tasks.storage.local.store import FolderObjectStore
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.servers.s3 import REGION

SMALL_PAGE = 7  # so that a short listing has several pages


@pytest.fixture(params=["memory", "folder", "moto", "weed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of each kind."""
    return _store(request, tmp_path)


@pytest.fixture(params=["memory", "folder", "moto"])
def exact_store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """A store whose keys are any text in the order of bytes, as in S3: SeaweedFS's are paths."""
    return _store(request, tmp_path)


def _store(request: pytest.FixtureRequest, folder: Path) -> ObjectStore:
    if request.param == "memory":
        return MemoryObjectStore("test")
    if request.param == "folder":
        return FolderObjectStore(folder)
    server = request.getfixturevalue({"moto": "s3_server", "weed": "weed_server"}[request.param])
    options = S3Options(server.endpoint_url, REGION, "path")
    return S3ObjectStore(server.new_bucket(), "some/root", options, page_size=SMALL_PAGE)
