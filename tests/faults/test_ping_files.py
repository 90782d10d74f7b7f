"""Ping files that vanish, change, are empty or monstrous."""

import gzip
import random
import time
from collections.abc import Callable

import psutil
import pytest

from tests.faults.bench import Bench
from tests.faults.feed import make_feed, make_file
from tests.faults.size import SEED, sized
from tests.faults.test_messages import wait_running
from tests.faults.truth import Truth
from tests.support.pings import key

Make = Callable[..., Bench]
MEBIBYTE = 1 << 20


@pytest.mark.case("files that go")
def test_files_that_vanish_or_change_between_discovery_and_reading(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    # all is running before anything is read: leases that end meanwhile would only make copies of the messages
    one = bench(feed, WINDOW="1000", LEASE="120", MERGE_LEASE="60")
    one.workers.append(one.fleet.worker(["control"]))
    one.upload()
    one.start(workers=0)
    wait_running(one)
    victims = dice.sample(feed.keys, len(feed.keys) // 3)
    gone, changed = victims[::2], victims[1::2]
    one.services.input.delete(gone)
    one.record.fault("file gone before it was read", len(gone))
    bodies = {at: make_file(dice, "x")[1] for at in changed}
    after = feed.with_files(bodies)
    for at, body in bodies.items():
        one.services.input.put(at, body)
    one.record.fault("file changed before it was read", len(changed))
    one.workers.append(one.fleet.worker(processes=2))
    one.wait_published()
    one.wait_bytes(truth.of(after, gone))
    one.check(truth.of(after, gone), missing=gone, lines=False)


@pytest.mark.case("files that change")
def test_files_that_change_after_they_counted_are_reprocessed(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start()
    one.upload()
    one.wait_published()
    bodies = {at: make_file(dice, "x")[1] for at in dice.sample(feed.keys, len(feed.keys) // 4)}
    after = feed.with_files(bodies)
    for at, body in bodies.items():
        one.services.input.put(at, body)
    one.record.fault("file changed after it counted", len(bodies))
    one.wait_bytes(truth.of(after))
    one.check(truth.of(after), lines=False)


@pytest.mark.case("files of any size")
def test_an_empty_file_and_a_line_without_end_hold_nobody_back(bench: Make, truth: Truth) -> None:
    mebibytes = sized(64, 1024)
    line = gzip.compress(b"id\t{" + bytes(mebibytes * MEBIBYTE), 1, mtime=0)
    odd = {key("empty-gz"): gzip.compress(b"", mtime=0), key("long"): line, key("none")[:-3]: b""}
    feed = make_feed(sized(12, 100), SEED).with_files(odd)
    one = bench(feed, SOFT_TIME_LIMIT="40", TIME_LIMIT="45", VISIBILITY_TIMEOUT="50", LEASE="50").start()
    one.upload()
    one.record.fault(f"a line of {mebibytes} MiB")
    one.record.fault("empty file", 2)
    highest = 0
    deadline = time.monotonic() + 120
    while not set(feed.bodies) <= one.listed():
        assert time.monotonic() < deadline, one.progress()
        children = [child for worker in one.workers for child in worker.children()]
        highest = max([highest, *map(resident, children)])
        time.sleep(0.2)
    one.record.recovered()
    one.record.note(f"highest memory of a worker {highest / MEBIBYTE:.0f} MiB")
    assert highest < 400 * MEBIBYTE
    missing = one.fleet.published.files()[1]
    one.record.note(f"missing: {sorted(missing.values())}")
    one.check(truth.of(feed), missing=missing, lines=False)


def resident(process: psutil.Process) -> int:
    """Resident bytes; 0 for one that has just ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
