"""Bodies that arrive wrong or short: F14."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.bench import Bench
from tests.faults.feed import make_feed, name_of
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.servers.weed import WeedServer

Make = Callable[..., Bench]
IN_PARTS = "p"
"""The first letter of the names of files that are uploaded in parts: their ETags are no checksums."""


def upload_in_parts(one: Bench, client: Any, key: str) -> None:
    """Puts a file of the feed into the input bucket so that the store knows no checksum of it."""
    address = urlsplit(str(one.settings.input_url))
    where = {"Bucket": address.netloc, "Key": f"{address.path.strip('/')}/{key}"}
    upload = {**where, "UploadId": client.create_multipart_upload(**where)["UploadId"]}
    part = client.upload_part(**upload, PartNumber=1, Body=one.feed.bodies[key])
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(**upload, MultipartUpload=parts)


@pytest.mark.case("F14")
def test_wrong_and_short_bodies_are_never_merged_and_right_ones_are_once_they_come(
    bench: Make, truth: Truth, weed_server: WeedServer
) -> None:
    """With a checksum at the store every wrong body is seen; without one the file's own compression tells."""
    checked = make_feed(sized(12, 100), SEED, "c")
    parts = make_feed(sized(12, 100), SEED, IN_PARTS)
    feed = checked.with_files(parts.bodies, parts.lines)
    rules = [
        Rule(Fault.DAMAGE, 0.5, "GET", rf"/pings/.*\.{IN_PARTS}\d+\.", first=1),
        Rule(Fault.DAMAGE, 0.5, "GET", r"/pings/.*\.c\d+\.", first=2),
        Rule(Fault.TRUNCATE, 0.5, "GET", r"/pings/", first=3),
        Rule(Fault.DAMAGE, 0.2, "GET", r"/(?:results|merged-slices)/"),
        Rule(Fault.TRUNCATE, 0.2, "GET", r"/(?:results|merged-slices)/"),
    ]
    with HttpFaultProxy(weed_server.endpoint_url, rules, SEED) as proxy:
        one = bench(feed, S3_ENDPOINT_URL=proxy.endpoint_url)
        client = weed_server.client()
        for key in random.Random(SEED).sample(feed.keys, len(feed.keys)):
            if name_of(key).startswith(IN_PARTS):
                upload_in_parts(one, client, key)
                info = one.services.input.head(key)
                assert info is not None
                assert "-" in info.etag, "the store knows a checksum after all"
            else:
                one.upload([key])
        one.start()
        one.wait_published()
        for fault in (Fault.DAMAGE, Fault.TRUNCATE):
            one.record.fault(f"body: {fault.value}", proxy.counts[fault.name])
            assert proxy.counts[fault.name]
        seen = Counter(told(event["reason"]) for event in one.events("given back"))
        one.record.note(f"attempts given back: {dict(seen)}")
        assert seen["wrong by checksum"], "no wrong body was told by its checksum"
        assert seen["wrong by reading again"], "no wrong body was told without a checksum"
        assert not one.fleet.published.files()[1]
        one.check(truth.of(feed))


def told(reason: str) -> str:
    """By what a wrong body was told."""
    if "the md5 of the body" in reason:
        return "wrong by checksum"
    return "wrong by reading again" if "other bytes" in reason else reason
