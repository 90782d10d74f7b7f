"""Messages that come twice, late or never, and chords that break: F7, F18, F19, and F31 with the sweep off."""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.bench import Bench
from tests.faults.feed import make_feed
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.servers.weed import WeedServer

Make = Callable[..., Bench]
LONG = {"SOFT_TIME_LIMIT": "60", "TIME_LIMIT": "70", "VISIBILITY_TIMEOUT": "80", "LEASE": "80"}


@pytest.mark.case("F7")
def test_a_task_that_is_given_to_a_second_worker_while_it_runs_counts_once(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    feed = make_feed(sized(6, 60), SEED)
    slow = Rule(Fault.DELAY, 1.0, method="GET", path="/pings/saved_session", times=sized(3, 8), seconds=sized(7, 18))
    late = Rule(Fault.DELAY, 1.0, method="GET", path="/results/", times=sized(2, 8), seconds=sized(7, 18))
    with HttpFaultProxy(weed_server.endpoint_url, [slow, late], SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, **LONG, MERGE_LEASE="60")
        # the shortest visibility timeout on a broker is everybody's: this worker gives away what others still do
        hasty = {"SOFT_TIME_LIMIT": "1", "TIME_LIMIT": "2", "VISIBILITY_TIMEOUT": str(sized(3, 5))}
        one.workers.append(one.fleet.worker(["nothing"], **hasty).wait_ready(180))
        one.upload()
        one.start(workers=2, processes=3)
        one.wait_published()
        one.record.fault("request slower than the visibility timeout", proxy.counts["DELAY"])
        logged = "".join(worker.logged() for worker in one.workers)
        started = Counter(re.findall(r"Task aggregate_partition\[([-0-9a-f]+)\] received", logged))
        again = sum(1 for count in started.values() if count > 1)
        one.record.note(f"{again} tasks given to a second worker while they ran")
        assert again >= 1
        one.check(truth.of(feed))


@pytest.mark.case("F18")
@pytest.mark.parametrize("how", ["killed", "raised"])
def test_a_chord_that_breaks_is_found_by_the_sweep(
    bench: Make, truth: Truth, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, BATCH_PARTITIONS="5", SLICE_PARTITIONS="2")
    marks = one.fleet.folder / "failures"
    marks.mkdir()
    times = sized(3, 12)
    failing = {"FAULT_HEADERS": how, "FAULT_MARKS": str(marks), "FAULT_TIMES": str(times)}
    one.start(application="tests.faults.breaking_chords", environment=failing)
    keys = dice.sample(feed.keys, len(feed.keys))
    for number in range(sized(3, 12)):
        one.upload(keys[number :: sized(3, 12)])
        time.sleep(1)
        with one.broker_client(1) as results:
            results.flushdb()
        one.record.fault("results of Celery wiped")
    one.wait_published()
    broken = len(os.listdir(marks))
    one.record.fault(f"header of a chord {how} after its work was done", broken)
    assert broken >= 1
    one.check(truth.of(feed))


def tampered(one: Bench, dice: random.Random, share: float) -> int:
    """Lets every message of the queue be dropped or doubled by chance, and adds some that nobody can read."""
    dropped = doubled = 0
    queue = one.queue("aggregate")
    with one.broker_client() as broker:
        for message in broker.lrange(queue, 0, -1):
            chance = dice.random()
            if chance < share:
                dropped += broker.lrem(queue, 1, message)
            elif chance < 2 * share:
                broker.lpush(queue, message, message)
                doubled += 1
        broker.lpush(queue, b'{"body": "gaFh", "content-encoding": "x", "headers": {}, "properties": {}}')
    for what, count in (("message dropped", dropped), ("message tripled", doubled), ("unreadable message", 1)):
        one.record.fault(what, count)
    return dropped


@pytest.mark.case("F19")
def test_messages_that_get_lost_double_or_unreadable_change_no_byte(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, WINDOW="1000")
    control = one.fleet.worker(["control"])
    one.workers.append(control)
    one.upload()
    one.start(workers=0)
    wait_running(one)
    assert tampered(one, dice, sized(4, 1) / 20)
    one.workers.append(one.fleet.worker(processes=2))
    one.wait_published()
    one.check(truth.of(feed))


@pytest.mark.case("F31")
def test_without_a_sweep_the_lost_messages_stay_lost(bench: Make, truth: Truth) -> None:
    """A negative control: the case above must fail when what saves it is switched off."""
    feed, dice = make_feed(sized(12, 100), SEED), random.Random(SEED)
    one = bench(feed, WINDOW="1000", SWEEP_INTERVAL="100000")
    one.workers.append(one.fleet.worker(["control"]))
    one.upload()
    one.start(workers=0)
    wait_running(one)
    dropped = tampered(one, dice, 0.2)
    assert dropped
    one.workers.append(one.fleet.worker(processes=2))
    one.wait_listed(len(feed.bodies) - dropped)
    time.sleep(sized(10, 30))  # more than the lease
    assert len(one.listed()) == len(feed.bodies) - dropped
    assert one.published() != truth.of(feed)
    one.record.note(f"{len(one.listed())} of {len(feed.bodies)}: the control fails, as it must")


def wait_running(one: Bench, partitions: int | None = None) -> None:
    """Until every partition has its message in the queue: as many as files where it is not said."""
    wanted = len(one.feed.bodies) if partitions is None else partitions

    def running() -> bool:
        with one.broker_client() as broker:
            return broker.llen(one.queue("aggregate")) >= wanted

    one.wait_until(running, 180, "all partitions running")
