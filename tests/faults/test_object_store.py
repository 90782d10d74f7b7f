"""An object store that errs, is away, or is full: F12, F13, F15."""

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.bench import Bench
from tests.faults.feed import make_feed
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.faults.size import SEED, seeds, sized
from tests.faults.truth import Truth
from tests.servers.weed import WeedServer

Make = Callable[..., Bench]
PATIENT = {
    "SOFT_TIME_LIMIT": "20",
    "TIME_LIMIT": "25",
    "VISIBILITY_TIMEOUT": "28",
    "LEASE": "30",
    "PUBLISH_LEASE": "15",
}
"""Retries of requests take their time."""

EVERYTHING = (Fault.UNAVAILABLE, Fault.ERROR, Fault.DROP, Fault.LOSE, Fault.TRUNCATE, Fault.DELAY)


def noted(one: Bench, proxy: HttpFaultProxy) -> None:
    for name, count in proxy.counts.items():
        if name != "forwarded":
            one.record.fault(f"request: {name}", count)
    one.record.note(f"{proxy.counts['forwarded']} requests done")


@pytest.mark.case("F12")
@pytest.mark.parametrize("seed", seeds(2))
def test_a_store_that_fails_15_of_100_requests_changes_no_byte_and_no_file_is_given_up(
    bench: Make, truth: Truth, weed_server: WeedServer, seed: int
) -> None:
    feed = make_feed(sized(16, 200), seed)
    rules = [Rule(fault, 0.025, seconds=sized(1, 3)) for fault in EVERYTHING]
    with HttpFaultProxy(weed_server.endpoint_url, rules, seed) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, **PATIENT).start()
        one.upload()
        one.wait_published(sized(400, 600))
        noted(one, proxy)
        one.check(truth.of(feed))


@pytest.mark.case("F13")
def test_a_store_that_is_away_costs_no_file(bench: Make, truth: Truth, weed_server: WeedServer) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    window = 50
    with HttpFaultProxy(weed_server.endpoint_url, [], SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, WINDOW=str(window)).start()
        keys = dice.sample(feed.keys, len(feed.keys))
        longest = 0
        for part, (kind, rules) in enumerate({"away": None, "503": [Rule(Fault.UNAVAILABLE)]}.items()):
            one.upload(keys[part::2])
            one.wait_counted(sum(len(keys[p::2]) for p in range(part)) + 3)
            if rules is None:
                proxy.down()
            else:
                proxy.rules = rules
            one.record.fault(f"the store is {kind}")
            deadline = time.monotonic() + sized(6, 60)
            while time.monotonic() < deadline:
                one.revive()
                with one.broker_client() as broker:
                    longest = max(longest, broker.llen(one.queue("aggregate")))
                time.sleep(0.5)
            proxy.rules = []
            proxy.up()
            one.record.fault("the store is back")
        one.wait_published()
        one.record.note(f"longest queue {longest}")
        assert one.record.row["recovery"] <= 60
        assert longest <= window
        one.check(truth.of(feed))


@pytest.mark.case("F15")
def test_conditional_writes_that_conflict_or_time_out_after_they_were_done_leave_one_winner(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    conditional = r"latest-current\.json|versions\.json|_claim|/results/"
    rules = [Rule(fault, 0.15, "PUT", conditional) for fault in (Fault.CONFLICT, Fault.LOSE, Fault.LATE_ERROR)]
    with HttpFaultProxy(weed_server.endpoint_url, rules, SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, **PATIENT).start(beats=2)
        keys = dice.sample(feed.keys, len(feed.keys))
        count = sized(4, 25)
        for number in range(count):
            one.upload(keys[number::count])
            time.sleep(1.5)
        one.wait_published(sized(400, 600))
        noted(one, proxy)
        one.check(truth.of(feed))


@pytest.mark.case("full store")
def test_a_store_without_room_stops_everything_and_loses_nothing(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    """No room: what is there is read, nothing is written; the store answers as SeaweedFS does (500)."""
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    with HttpFaultProxy(weed_server.endpoint_url, [], SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url).start()
        keys = dice.sample(feed.keys, len(feed.keys))
        one.upload(keys[::2])
        one.wait_counted(3)
        proxy.rules = [Rule(Fault.ERROR, method="PUT|POST")]
        one.record.fault("no room")
        one.upload(keys[1::2])
        time.sleep(sized(6, 30))
        proxy.rules = []
        one.record.fault("room again")
        one.wait_published()
        one.check(truth.of(feed))
