"""From ping files in a bucket to published JSON: real workers, beat, Redis and S3, read back as readers do."""

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.support.oracle import Rows, alike, expected
from tests.support.shared import SHARED
from tests.system.bucket import PublishedBucket
from tests.system.made import Made, made, thinned
from tests.system.processes import QUEUES, Fleet, wait_until

TRUNCATED = "saved_session/Firefox/nightly/28.0a1/20131029030201.20131029.v2.log.corrupted.lzma"
NO_DATE = "saved_session/Firefox/nightly/28.0a1/2013.20131029.v2.log.nodate.gz"
SETTLED = 3.0
"""Seconds of several looks for new files and for something to publish."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("whole"), files=30, pings=10, seed=3)


@pytest.fixture(scope="module")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return thinned(made(tmp_path_factory.mktemp("thin"), files=40, pings=6, seed=7))


@pytest.fixture
def weed_fleet(
    tmp_path: Path, state_server: RedisServer, broker_server: RedisServer, weed_server: WeedServer
) -> Iterator[Callable[..., Fleet]]:
    """Makes fleets on SeaweedFS that end with the test."""
    fleets: list[Fleet] = []

    def make(**settings: str) -> Fleet:
        folder = tmp_path / f"fleet-{len(fleets)}"
        folder.mkdir()
        fleets.append(Fleet(folder, state_server, broker_server, weed_server, **settings))
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.__exit__(None, None, None)


def assert_rows(published: PublishedBucket, rows: Rows) -> None:
    """Every published row is the oracle's and every one of the oracle's is published."""
    found = {name: populations for name, populations in published.rows() if populations}  # others are just {}
    assert found.keys() == rows.keys()
    for name, populations in rows.items():
        assert found[name].keys() == populations.keys(), name
        for population, values in populations.items():
            row = found[name][population]
            assert (row[:-6], row[-1]) == (values[:-6], values[-1]), (name, population)
            assert alike(row[-6:-1], values[-6:-1]), (name, population)


def assert_lines(published: PublishedBucket, lines: dict[str, tuple[int, int]]) -> None:
    """Good and bad lines, by channel/version and day of submission."""
    wanted: dict[tuple[str, str], list[int]] = {}
    for key, counts in lines.items():
        _, _, channel, version, name = key.split("/")
        at = wanted.setdefault((f"{channel}/{version.split('.')[0]}", name.split(".")[1]), [0, 0])
        at[0] += counts[0]
        at[1] += counts[1]
    health = published.json(f"current/{published.stamp()}/health.json")["versions"]
    found = {
        (version, day): [counts["pings"], counts["bad_lines"]]
        for version, each in health.items()
        for day, counts in each["days"].items()
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_what_is_published_is_what_the_oracle_counts(whole: Made, weed_fleet: Callable[..., Fleet]) -> None:
    rows, lines = expected(whole.root, whole.keys)
    assert lines == whole.lines
    assert sum(bad for _, bad in lines.values()) > 0
    damaged = whole.root / TRUNCATED
    damaged.parent.mkdir(parents=True, exist_ok=True)
    damaged.write_bytes((SHARED / "data" / "pings" / "corrupted.lzma").read_bytes()[:1000])
    refused = whole.root / NO_DATE
    refused.write_bytes(b"no matter what")
    fleet = weed_fleet(PUBLISH_INTERVAL="15")  # or every step in between is published as well
    fleet.upload(whole.root, [*whole.keys, TRUNCATED, NO_DATE])
    for queue in QUEUES:
        fleet.worker([queue], processes=2 if queue == "publish" else 1)
    fleet.beat()
    fleet.wait_published([*whole.keys, TRUNCATED, NO_DATE])
    processed, missing = fleet.published.files()
    assert missing.keys() == {TRUNCATED, NO_DATE}, missing
    assert processed == whole.keys
    assert "build date" in missing[NO_DATE]
    assert_rows(fleet.published, rows)
    assert_lines(fleet.published, lines)


def test_order_grouping_workers_and_repetition_leave_the_bytes_alone(
    thin: Made, weed_fleet: Callable[..., Fleet]
) -> None:
    rows, lines = expected(thin.root, thin.keys)
    one = weed_fleet()
    one.upload(thin.root, thin.keys)
    one.worker()
    one.beat()

    other = weed_fleet(PARTITION_FILES="1", BATCH_PARTITIONS="5", SLICE_PARTITIONS="2")
    shuffled = random.Random(1).sample(thin.keys, len(thin.keys))
    other.worker(processes=4)
    other.beat()
    for at in range(0, len(shuffled), 8):
        other.upload(thin.root, shuffled[at : at + 8])
    other.upload(thin.root, shuffled)

    third = weed_fleet(PARTITION_BYTES="60000", BATCH_PARTITIONS="3")
    third.upload(thin.root, shuffled[::-1])

    one.wait_published(thin.keys)
    assert_rows(one.published, rows)
    assert_lines(one.published, lines)
    digests = one.published.digests()
    one.__exit__(None, None, None)

    third.worker()
    third.worker()
    third.beat()
    third.beat()
    other.wait_published(thin.keys)
    assert other.published.digests() == digests
    stamp = other.published.stamp()
    other.upload(thin.root, shuffled)
    third.wait_published(thin.keys)
    assert third.published.digests() == digests
    time.sleep(SETTLED)
    assert other.published.stamp() == stamp


def test_what_is_there_at_the_start_waits_for_no_discovery_and_no_merge_round(
    thin: Made, weed_fleet: Callable[..., Fleet]
) -> None:
    fleet = weed_fleet(DISCOVER_INTERVAL="3600", MERGE_INTERVAL="3600", SWEEP_INTERVAL="3600")
    fleet.upload(thin.root, thin.keys[:6])
    fleet.worker()
    fleet.beat()
    fleet.wait_published(thin.keys[:6])


def test_it_runs_on_another_s3_as_well(
    tmp_path: Path, thin: Made, state_server: RedisServer, broker_server: RedisServer, s3_server: MotoServer
) -> None:
    keys = thin.keys[:6]
    rows, _ = expected(thin.root, keys)
    with Fleet(tmp_path, state_server, broker_server, s3_server) as fleet:
        fleet.upload(thin.root, keys)
        fleet.worker()
        fleet.beat()
        fleet.wait_published(keys)
        assert_rows(fleet.published, rows)


def test_metrics_and_log_lines_say_which_task_did_what(
    tmp_path: Path, thin: Made, state_server: RedisServer, broker_server: RedisServer, s3_server: MotoServer
) -> None:
    keys = thin.keys[:4]
    with Fleet(tmp_path, state_server, broker_server, s3_server, LOG_FORMAT="json") as fleet:
        address = fleet.metrics()
        fleet.upload(thin.root, keys)
        worker = fleet.worker()
        fleet.beat()
        fleet.wait_published(keys)
        http = urllib3.PoolManager(retries=False, timeout=30.0)

        def shown() -> dict[str, float]:
            lines = http.request("GET", address).data.decode().splitlines()
            return {
                name: float(number) for name, _, number in (line.rpartition(" ") for line in lines if line[0] != "#")
            }

        def all_seen() -> bool:
            found = shown()
            tasks = ("discover", "aggregate_partition", "download_and_merge", "reduce_into_state", "finish_publish")
            name = 'telemetry_task_duration_seconds_count{{outcome="succeeded",task="{}"}}'
            return all(found.get(name.format(task), 0) > 0 for task in tasks)

        wait_until(all_seen, 120, fleet.processes)
        assert shown()['telemetry_up{service="state"}'] == 1
        assert sum(n for name, n in shown().items() if name.startswith("telemetry_published_files")) == len(keys)
        lines = [json.loads(line) for line in worker.logged().splitlines() if line.startswith("{")]
        of_tasks = [line for line in lines if line["logger"] in ("telemetry_tasks", "celery.app.trace")]
        assert of_tasks
        assert [line for line in of_tasks if not {"task", "task_id"} <= line.keys()] == []
        merged = [line for line in of_tasks if line["task"] in ("download_and_merge", "reduce_into_state")]
        assert merged
        assert [line for line in merged if not line.get("batch")] == []
        aggregated = [line for line in of_tasks if line["task"] == "aggregate_partition"]
        assert aggregated
        assert [line for line in aggregated if not {"channel_version", "partition"} <= line.keys()] == []


def test_a_worker_refuses_a_redis_that_would_drop_keys(
    tmp_path: Path, broker_server: RedisServer, s3_server: MotoServer
) -> None:
    with (
        RedisServer({"maxmemory-policy": "allkeys-lru"}) as state,
        Fleet(tmp_path, state, broker_server, s3_server) as fleet,
    ):
        worker = fleet.worker()
        assert worker.wait(120) != 0
        assert "set maxmemory-policy noeviction" in worker.logged().splitlines()[-1]
        assert "Traceback" not in worker.logged()
