"""Something in the place of the store that answers 200 by no right answer: F36; an endpoint of AWS's variables: F37."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from telemetry_tasks.pipeline.inspect.snapshot_checks import check_newest_snapshot
from telemetry_tasks.pipeline.inspect.status import status
from tests.faults.bench import Bench
from tests.faults.feed import make_feed
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.servers.weed import WeedServer

Make = Callable[..., Bench]
OUTAGE = float(sized(8, 60))
"""Seconds."""

OBJECT = r"^/[^/?]+/[^/?]"
"""Not a listing, which has no checksum: a wrong character in one of its keys is a file that is not there."""


@contextmanager
def for_a_while(proxy: HttpFaultProxy, rules: list[Rule], seconds: float) -> Iterator[threading.Timer]:
    """The rules hold from now on, and end by themselves."""
    proxy.rules = rules
    ending = threading.Timer(seconds, setattr, (proxy, "rules", []))
    ending.start()
    try:
        yield ending
    finally:
        ending.join()


@pytest.mark.case("F36")
@pytest.mark.parametrize("fault", [Fault.PORTAL, Fault.EMPTIED, Fault.DAMAGE])
def test_wrong_answers_to_everything_for_a_while_put_no_file_on_the_list_of_missing_files(
    bench: Make, truth: Truth, weed_server: WeedServer, fault: Fault
) -> None:
    feed = make_feed(sized(16, 100), SEED)
    method = ".*" if fault is Fault.PORTAL else "GET"
    path = OBJECT if fault is Fault.DAMAGE else ".*"
    with HttpFaultProxy(weed_server.endpoint_url, [], SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, PARTITION_FILES="4").start().wait_ready()
        one.upload(feed.keys[: len(feed.keys) // 2])
        one.wait_listed(len(feed.keys) // 2)
        with for_a_while(proxy, [Rule(fault, method=method, path=path)], OUTAGE):
            one.upload(feed.keys[len(feed.keys) // 2 :])
            time.sleep(OUTAGE)
        one.record.fault(fault.value, proxy.counts[fault.name] or 1)
        began = time.monotonic()
        one.wait_published()
        one.record.note(
            f"{time.monotonic() - began:.0f} s from the end of {OUTAGE:.0f} s of it until all was published"
        )
        assert not one.fleet.published.files()[1]
        one.check(truth.of(feed))


@pytest.mark.case("F36")
def test_no_snapshot_lacks_a_document_while_half_of_the_copies_and_writes_fail_in_their_bodies(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    feed = make_feed(sized(12, 60), SEED)
    with HttpFaultProxy(weed_server.endpoint_url, [], SEED, keeps="/current/") as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url).start().wait_ready()
        rest = list(feed.keys)
        one.upload(rest[:2])
        one.wait_listed(2)
        documents = r"/current/\d+/.*-(?:summary|by-build-date|by-submission-date)\."
        writes = Rule(Fault.ERROR_IN_200, 0.5, "PUT", documents)
        with for_a_while(proxy, [writes], OUTAGE):
            for key in rest[2:]:
                one.upload([key])
                time.sleep(OUTAGE / len(rest))
                assert list(check_newest_snapshot(one.services)) == []
        one.record.fault(Fault.ERROR_IN_200.value, proxy.counts[Fault.ERROR_IN_200.name])
        assert proxy.counts[Fault.ERROR_IN_200.name]
        one.wait_published()
        one.check(truth.of(feed))


@pytest.mark.case("F37")
@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_a_fleet_whose_endpoint_a_variable_of_aws_names_publishes_the_right_bytes(
    bench: Make, truth: Truth, weed_server: WeedServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    feed = make_feed(sized(12, 60), SEED)
    buckets = {found["Name"] for found in weed_server.client().list_buckets()["Buckets"]}
    one = bench(feed)
    del one.fleet.environment["TELEMETRY_S3_ENDPOINT_URL"]
    one.fleet.environment[variable] = weed_server.endpoint_url
    one.start()
    told = []
    half = len(feed.keys) // 2
    for keys in (feed.keys[:half], feed.keys[half:]):
        one.upload(keys)
        one.wait_listed(half)
        found = status(one.services, one.services.published.now())
        told.append(sorted({finding.code for finding in found.findings}))
    one.wait_published()
    one.record.note(f"findings of status: {told}")
    one.check(truth.of(feed))
    made = {found["Name"] for found in weed_server.client().list_buckets()["Buckets"]} - buckets
    assert not made & {"current", "merged-slices", "results", "check-points"}
