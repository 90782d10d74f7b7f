"""F10: a process killed at every step of everything; its successor makes the same bytes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.failpoints import POINTS, Failpoints
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.inspect.published_rules import check_published, fetcher
from telemetry_tasks.pipeline.inspect.snapshot_checks import check_newest_snapshot
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.services import Services
from tests.faults.feed import Feed, make_feed
from tests.faults.fork_server import ForkServer
from tests.faults.record import Record
from tests.faults.size import FULL, SEED
from tests.faults.steps import ALL, folder_deployment
from tests.faults.truth import Truth
from tests.support.deployment import published_bytes

KILLED = -9
FIRST = 3  # files that are published before
FILES = 8
CHOSEN = POINTS if FULL else POINTS[SEED % 3 :: 3]
"""Every third one in the short run; another seed takes others."""


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    with ForkServer(tmp_path_factory.mktemp("forks") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def feed() -> Feed:
    return make_feed(FILES, SEED)


@pytest.fixture(scope="module")
def right(truth: Truth, feed: Feed) -> dict[str, str]:
    return truth.of(feed)


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory: nothing here is about disks, and they are slow."""
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as made:
        yield Path(made)


def upload(folder: Path, feed: Feed, keys: list[str]) -> None:
    for key in keys:
        path = folder / "input" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(feed.bodies[key])


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, forks: ForkServer, feed: Feed, redis_server: object
) -> tuple[Path, dict[bytes, bytes]]:
    """Some files published and two snapshots old, a checkpoint, and the Redis that belongs to it."""
    folder = tmp_path_factory.mktemp("prepared")
    url = redis_server.url  # type: ignore[attr-defined]
    with redis.Redis.from_url(url) as client:
        client.flushall()
        for count in range(1, FIRST + 1):
            upload(folder, feed, feed.keys[:count])
            assert forks.run(url, folder, ["settle"]) == 0, forks.log.read_text()[-3000:]
        assert forks.run(url, folder, ["checkpoint", "settle"]) == 0
        return folder, {key: client.dump(key) for key in client.scan_iter("*")}


def assert_whole(services: Services, point: str = "") -> None:
    """Readers find a snapshot every file of which is as its manifest says.

    ``versions.json`` follows a moment after the switch, and names the folders of before until then.
    """
    findings = [*check_newest_snapshot(services), *check_published(fetcher(services.published))]
    assert [each for each in findings if (point, each.where) != ("publish.after-switch", VERSIONS)] == []


def snapshots(services: Services) -> set[str]:
    return {info.key.split("/")[1] for info in services.published.list("current/")}


@pytest.mark.case("F10")
@pytest.mark.parametrize("point", CHOSEN)
def test_a_process_killed_at_any_step_leaves_nothing_that_its_successor_does_not_repair(
    point: str,
    forks: ForkServer,
    prepared: tuple[Path, dict[bytes, bytes]],
    feed: Feed,
    right: dict[str, str],
    redis_url: str,
    folder: Path,
    record: Record,
) -> None:
    shutil.copytree(prepared[0], folder, dirs_exist_ok=True)
    with redis.Redis.from_url(redis_url) as client:
        for key, value in prepared[1].items():
            if not point.startswith("restore."):
                client.restore(key, 0, value)
    upload(folder, feed, feed.keys)
    options = {"grace_time": 0.0} if point.startswith("garbage.") else {}
    if point.endswith("-part"):
        options["publish_part_bytes"] = 1
    ended = forks.run(redis_url, folder, ALL, f"{point}=kill", **options)
    assert ended == KILLED, f"{point} was not reached: {ended}\n{forks.log.read_text()[-3000:]}"
    record.fault(f"killed at {point}")
    services = folder_deployment(redis_url, folder)
    assert_whole(services, point)
    assert forks.run(redis_url, folder, ["settle", "verify"]) == 0, forks.log.read_text()[-3000:]
    record.recovered()
    assert_whole(services)
    assert published_bytes(services.published) == right
    # what was left lying stays for the grace time, and goes then
    before = snapshots(services)
    assert forks.run(redis_url, folder, ["collect"]) == 0
    assert snapshots(services) == before
    assert forks.run(redis_url, folder, ["collect"], grace_time=0.0) == 0
    shown = load_current(services.published).stamp
    assert shown in snapshots(services)
    # the newest two stay, and folders that are still named
    assert len(snapshots(services)) <= 2 + len(load_current(services.published).index.versions)
    assert published_bytes(services.published) == right
    assert services.published.head(LATEST)
    record.partitions(FILES)


def test_there_are_enough_failpoints_and_a_name_that_is_none_is_refused() -> None:
    assert len(POINTS) >= 25
    assert len(set(POINTS)) == len(POINTS)
    for text in ("nowhere=kill", "reduce.before-commit=burn", "reduce.before-commit", "reduce.before-commit=kill@x"):
        with pytest.raises(OperatorError, match="not a failpoint"):
            Failpoints(text)
