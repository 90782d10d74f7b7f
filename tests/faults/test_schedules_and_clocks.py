"""Two of everything, clocks that are wrong, garbage collected under readers: F9, F25, F26, F28, F21."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import libfaketime
import psutil
import pytest

from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.layouts.v1.index import INDEX, read_index
from telemetry_tasks.formats.layouts.v1.manifest import MANIFEST
from telemetry_tasks.formats.layouts.v1.names import CURRENT
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.folders import load_manifest
from tests.faults.bench import Bench
from tests.faults.chaos import waves
from tests.faults.feed import make_feed
from tests.faults.late_reader import LateReader
from tests.faults.proxies.http_proxy import Done, HttpFaultProxy
from tests.faults.size import SEED, sized
from tests.faults.test_ping_files import MEBIBYTE, resident
from tests.faults.truth import Truth
from tests.faults.writers import PUBLISHED, moves, writers
from tests.servers.weed import WeedServer

Make = Callable[..., Bench]
CLOCK = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"


def shifted(seconds: int) -> dict[str, str]:
    """The environment of a process whose clock is wrong by so much."""
    return {"LD_PRELOAD": str(CLOCK), "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.case("F9")
def test_two_beats_two_publishers_and_four_sweepers_do_each_thing_once(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    """Every worker has a proxy of its own before the store, which tells who wrote what."""
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, SWEEP_INTERVAL="0.5", PUBLISH_LEASE="0.5", MERGE_LEASE="1", LEASE="7")
    with ExitStack() as proxies:
        seen = {}
        for _ in range(sized(3, 4)):
            proxy = proxies.enter_context(HttpFaultProxy(weed_server.endpoint_url, keeps=PUBLISHED))
            worker = one.fleet.worker(S3_ENDPOINT_URL=proxy.endpoint_url)
            seen[worker.name] = proxy.done
            one.workers.append(worker)
        one.start(workers=0, beats=2)
        one.record.fault("second beat")
        waves(one, dice, [], count=sized(4, 20), every=1.5)
        one.wait_published()
        one.check(truth.of(feed))
        for worker in one.workers:
            worker.terminate()
    check_publishing(one, seen)


def check_publishing(one: Bench, seen: dict[str, list[Done]]) -> None:
    """The pointer moved by one publication at a time, each folder had one writer, and orphans were never shown."""
    stamps = moves(write for writes in seen.values() for write in writes)
    outcomes = Counter(event["outcome"] for event in one.events("published"))
    assert outcomes["published"] == len(stamps), f"{outcomes}, and the pointer moved {len(stamps)} times"
    wrote = writers(seen)
    for folder, who in wrote.items():
        claims = {name.removesuffix(" claims") for name in who if name.endswith(" claims")}
        assert len(claims) == ("/files/" not in folder), f"{folder} was claimed by {who}"
        names = {name for name in who if not name.endswith(" claims")}
        assert len(names) <= 1, f"{folder} was written by {who}"
        # a snapshot is claimed by the worker that plans it, and written by the one that ends it
        assert names <= claims or "/files/" in folder or "/" not in folder, f"{folder} was written by {who}"
    store = one.services.published
    shown = [read_index(store.get(f"{CURRENT}/{stamp}/{INDEX}").body) for stamp in stamps]
    paths = {path for index in shown for path in index.paths().values()}
    assert all(load_manifest(store, path) for path in paths), "a folder was shown that is not whole"
    whole = {info.key.rpartition("/")[0] for info in store.list(f"{CURRENT}/") if info.key.endswith(f"/{MANIFEST}")}
    folders = {folder for folder in wrote if "/" in folder and "/files/" not in folder}
    one.record.note(f"publishing: {dict(outcomes)}, the pointer moved {len(stamps)} times, one at a time")
    one.record.note(f"{len(folders)} folders by one writer each, {len(whole - paths)} whole and not shown")


@pytest.mark.case("F25")
def test_clocks_that_are_wrong_change_no_byte(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, GARBAGE_INTERVAL="2", GRACE_TIME="3600")
    for seconds in (120, -120):
        one.workers.append(one.fleet.worker(processes=2, environment=shifted(seconds)))
        one.record.fault(f"worker's clock {seconds:+d} s")
    one.workers.append(one.fleet.worker(["publish"], environment=shifted(-240)))
    one.record.fault("publisher's clock -240 s")
    one.start(workers=1)
    stamps = []
    keys = dice.sample(feed.keys, len(feed.keys))
    count = sized(4, 20)
    for number in range(count):
        one.upload(keys[number::count])
        time.sleep(2)
        one.revive()
        stamps.append(load_current(one.services.published).stamp)
    one.wait_published()
    assert stamps == sorted(stamps)
    snapshots = {info.key.split("/")[1] for info in one.services.published.list(f"{CURRENT}/")}
    assert set(stamps) - {""} <= snapshots, "garbage collection took what is younger than the grace time"
    one.check(truth.of(feed))


@pytest.mark.case("F25")
def test_a_worker_whose_clock_is_a_day_behind_says_so_and_ends(bench: Make) -> None:
    one = bench(make_feed(1, SEED))
    one.record.fault("worker's clock a day behind")
    worker = one.fleet.worker(environment=shifted(-86400))
    assert worker.wait(180) != 0
    assert "clock is -86400 s off" in worker.logged() or "clock is -86399 s off" in worker.logged()
    one.record.row["complete"] = True


@pytest.mark.case("F26")
def test_garbage_is_collected_under_a_slow_reader_and_a_publisher_that_sleeps(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, GARBAGE_INTERVAL="1", GRACE_TIME="3")
    one.reader.slowness = 2.0
    publishers = [one.fleet.worker(["publish"], 2) for _ in range(2)]
    others = [one.fleet.worker(["control", "aggregate", "merge"], 2)]
    one.workers += publishers + others
    one.start(workers=0)
    keys = dice.sample(feed.keys, len(feed.keys))
    count = sized(4, 15)
    for number in range(count):
        one.upload(keys[number::count])
        one.wait_listed(sum(len(keys[n::count]) for n in range(number + 1)) - 1, 180)
        sleeper = publishers[number % 2]
        sleeper.freeze()
        time.sleep(7 if number < sized(1, 4) else 1)  # longer than the grace time and the publisher's lease
        sleeper.thaw()
        one.record.fault("publisher frozen")
    one.wait_published()

    def removed() -> int:
        return sum(event["snapshots"] for event in one.events("garbage collected"))

    one.wait_until(lambda: removed() > 0, 180, "old snapshots are removed")
    one.record.note(f"{removed()} objects of old snapshots removed, reader had to restart {one.reader.restarts} times")
    one.check(truth.of(feed))


def is_gone(one: Bench, index: SnapshotIndex) -> bool:
    """Whether something that the index names is not there any more."""
    return any(one.services.published.head(ref.files) is None for ref in index.versions.values())


@pytest.mark.case("F26")
def test_a_reader_that_sleeps_between_index_and_files_finds_them_all_within_the_grace_time(
    bench: Make, truth: Truth
) -> None:
    grace, sleep = sized(8, 60), sized(5, 45)
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, GARBAGE_INTERVAL="1", GRACE_TIME=str(grace)).start()
    keys = dice.sample(feed.keys, len(feed.keys))
    count = sized(6, 40)

    def removed() -> int:
        return sum(event["snapshots"] for event in one.events("garbage collected"))

    one.upload(keys[::count])
    one.wait_listed(1)
    first = load_current(one.services.published).index
    with LateReader(one.services.published, sleep, grace) as late:
        for number in range(1, count):
            one.upload(keys[number::count])
            time.sleep(3 * grace / count)
            one.revive()
        one.wait_published()
        one.wait_until(lambda: is_gone(one, first), 180, "who sleeps for longer finds nothing")
    one.record.fault(f"reader asleep for {sleep} s, and there is a newer snapshot", late.stale)
    one.record.note(f"{late.read} files found of indices {sleep} s old, {removed()} objects of old snapshots removed")
    assert late.read
    assert late.stale, "nobody slept through a publication"
    assert not late.missed, late.missed
    one.check(truth.of(feed))


@pytest.mark.case("F28")
def test_a_backlog_is_metered_out(bench: Make, truth: Truth) -> None:
    feed, window = make_feed(sized(150, 1000), SEED), 20
    one = bench(feed, WINDOW=str(window), PUBLISH_INTERVAL=str(sized(1, 10)))
    one.upload()
    one.record.fault("partitions offered at once", len(feed.bodies))
    one.start()
    highest = Counter[str]()
    deadline = time.monotonic() + sized(400, 900)
    while not set(feed.bodies) <= one.listed():
        assert time.monotonic() < deadline, one.progress()
        with one.broker_client() as broker, one.state_client() as state:
            waiting = broker.llen(one.queue("aggregate")) + broker.llen(one.queue("merge"))
            sample = {"queue": waiting, "state": int(state.info("memory")["used_memory"])}
        sample["worker"] = max(resident(child) for worker in one.workers for child in [psutil.Process(worker.pid)])
        highest |= Counter(sample)
        time.sleep(0.5)
    one.record.recovered()
    shown = {"queue": highest["queue"], **{n: f"{highest[n] / MEBIBYTE:.0f} MiB" for n in ("state", "worker")}}
    one.record.note(f"highest: {shown}")
    assert highest["queue"] <= 2 * window
    assert highest["worker"] < 300 * MEBIBYTE
    one.check(truth.of(feed))
