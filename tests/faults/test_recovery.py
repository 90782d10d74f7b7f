"""What is over is over within seconds: forgotten scripts, tasks longer than the broker's timeout, lost workers."""

import random
import re
import threading
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

PATIENT = {"RETRY_DELAY": "1000", "LEASE": "1000", "SOFT_TIME_LIMIT": "60", "TIME_LIMIT": "70"}
"""Settings under which nothing is tried again that failed by a fault of its own."""

SOON = 90
"""Seconds to recover in on a busy machine; what waits for one of the times above takes ten times as long."""


@pytest.mark.case("recovery")
def test_scripts_that_redis_is_told_to_forget_fail_no_task(bench: Make, truth: Truth) -> None:
    feed = make_feed(sized(24, 200), SEED)
    one = bench(feed, **PATIENT).start().wait_ready()
    over = threading.Event()

    def forget() -> None:
        with one.state_client() as client:
            while not over.is_set():
                client.script_flush()

    forgetting = threading.Thread(target=forget)
    forgetting.start()
    try:
        for number in range(4):
            one.upload(feed.keys[number::4])
            time.sleep(sized(2, 10))
    finally:
        over.set()
        forgetting.join()
    one.record.fault("scripts flushed again and again")
    one.wait_published(SOON)
    one.check(truth.of(feed))


@pytest.mark.case("recovery")
def test_a_task_longer_than_the_visibility_timeout_is_given_to_nobody_else(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    feed = make_feed(sized(6, 60), SEED)
    slow = Rule(Fault.DELAY, 1.0, method="GET", path="/pings/saved_session", times=3, seconds=12)
    with HttpFaultProxy(weed_server.endpoint_url, [slow], SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, **PATIENT, VISIBILITY_TIMEOUT="4").start(processes=3)
        one.upload()
        one.wait_published()
        one.record.fault("request three times as long as the visibility timeout", proxy.counts["DELAY"])
        logged = "".join(worker.logged() for worker in one.workers)
        received = Counter(re.findall(r"Task aggregate_partition\[([-0-9a-f]+)\] received", logged))
        assert set(received.values()) == {1}
        one.check(truth.of(feed))


@pytest.mark.case("recovery")
def test_what_killed_workers_had_taken_comes_back_whatever_the_leases_are(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    slow = {"MERGE_LEASE": "20", "PUBLISH_LEASE": "20"}
    one = bench(feed, **{**PATIENT, "LEASE": "40"}, **slow, VISIBILITY_TIMEOUT="4").start().wait_ready()
    for number in range(sized(4, 10)):
        one.upload(feed.keys[number :: sized(4, 10)])
        time.sleep(dice.uniform(0.5, 2))
        for worker in one.workers:
            worker.kill()
            worker.start()
        one.record.fault("all workers killed")
    one.wait_published(SOON)
    one.check(truth.of(feed))
