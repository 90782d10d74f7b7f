"""F31: the reader of the suite notices a publisher that shows a snapshot before its files are there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.bench import Bench
from tests.faults.feed import make_feed
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.faults.size import SEED, sized
from tests.faults.test_object_store import PATIENT
from tests.faults.truth import Truth
from tests.servers.weed import WeedServer
from tests.system.processes import APPLICATION

SLOW = Rule(Fault.DELAY, 1.0, "PUT", r"/current/\d+/index\.json", seconds=3.0)


@contextmanager
def published_over_a_slow_store(bench: Callable[..., Bench], weed: WeedServer, application: str) -> Iterator[Bench]:
    """All files in some snapshots, the last document of each of them written late."""
    feed = make_feed(sized(12, 100), SEED)
    with HttpFaultProxy(weed.endpoint_url, [SLOW], SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url, **PATIENT)
        one.start(application=application)
        count = sized(2, 8)
        for number in range(count):
            one.upload(feed.keys[number::count])
            one.wait_listed(sum(len(feed.keys[n::count]) for n in range(number + 1)))
        one.wait_published()
        one.record.fault("document written 3 s late", proxy.counts["DELAY"])
        yield one


@pytest.mark.case("F31")
def test_a_store_that_is_slow_under_the_publisher_shows_readers_nothing_half(
    bench: Callable[..., Bench], truth: Truth, weed_server: WeedServer
) -> None:
    with published_over_a_slow_store(bench, weed_server, APPLICATION) as one:
        one.check(truth.of(one.feed))


@pytest.mark.case("F31")
def test_a_publisher_that_switches_the_index_before_the_files_are_there_is_noticed(
    bench: Callable[..., Bench], truth: Truth, weed_server: WeedServer
) -> None:
    """A negative control: the case above must fail when the order is turned round."""
    with (
        published_over_a_slow_store(bench, weed_server, "tests.faults.index_first") as one,
        pytest.raises(AssertionError, match="which is not there"),
    ):
        one.check(truth.of(one.feed))
    one.record.note(f"{len(one.reader.violations)} reads found a snapshot that was not there: the control fails")
    one.record.row["complete"] = True
