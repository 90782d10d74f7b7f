"""The S3 store behind a proxy that lets requests fail: right results, or an error of the right kind."""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from telemetry_tasks.errors import InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.storage.objects import Absent, Matches
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.s3 import REGION

PASSING = [Fault.UNAVAILABLE, Fault.ERROR, Fault.DROP, Fault.LOSE, Fault.LATE_ERROR]
BODY = bytes(range(256)) * 400


@pytest.fixture
def proxy(s3_server: MotoServer) -> Iterator[HttpFaultProxy]:
    with HttpFaultProxy(s3_server.endpoint_url) as proxy:
        yield proxy


@pytest.fixture
def store(proxy: HttpFaultProxy, s3_bucket: str) -> S3ObjectStore:
    """Two tries of botocore's own, so that the store's are needed."""
    options = S3Options(proxy.endpoint_url, REGION, "path", read_timeout=1, max_attempts=2)
    return S3ObjectStore(s3_bucket, "root", options, page_size=5)


@pytest.mark.parametrize("fault", PASSING)
def test_every_operation_survives_one_failure(proxy: HttpFaultProxy, store: S3ObjectStore, fault: Fault) -> None:
    def failing_once() -> None:
        proxy.rules = [Rule(fault, times=1)]

    failing_once()
    etag = store.put("a", BODY)
    failing_once()
    assert store.get("a", if_match=etag).body == BODY
    failing_once()
    assert b"".join(store.stream("a")) == BODY
    failing_once()
    store.copy("a", "b")
    failing_once()
    assert [info.key for info in store.list()] == ["a", "b"]
    failing_once()
    assert store.head("b") is not None
    failing_once()
    store.delete(["a", "b"])
    failing_once()
    assert store.now()
    assert list(store.list()) == []
    assert proxy.counts[fault.name] == 8


@pytest.mark.parametrize("fault", [*PASSING, Fault.CONFLICT])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_conditional_write_is_done_once_and_said_to_be(
    proxy: HttpFaultProxy, store: S3ObjectStore, fault: Fault, times: int
) -> None:
    proxy.rules = [Rule(fault, method="PUT", times=times)]
    etag = store.put("a", b"one", only_if=Absent())
    proxy.rules = [Rule(fault, method="PUT", times=times)]
    assert store.put("a", b"two", only_if=Matches(etag)) == store.get("a").etag
    assert store.get("a").body == b"two"


@pytest.mark.parametrize("fault", [*PASSING, Fault.CONFLICT])
def test_a_conditional_write_that_lost_is_said_to_have_lost(
    proxy: HttpFaultProxy, store: S3ObjectStore, fault: Fault
) -> None:
    etag = store.put("a", b"another's")
    proxy.rules = [Rule(fault, method="PUT", times=1)]
    with pytest.raises(PreconditionFailed):
        store.put("a", b"ours", only_if=Absent())
    proxy.rules = [Rule(fault, method="PUT", times=1)]
    with pytest.raises(PreconditionFailed):
        store.put("a", b"ours", only_if=Matches(hashlib.md5(b"old").hexdigest()))
    assert store.get("a").etag == etag


def test_a_write_that_timed_out_and_was_done_is_a_success(proxy: HttpFaultProxy, store: S3ObjectStore) -> None:
    proxy.rules = [Rule(Fault.DELAY, method="PUT", times=2, seconds=1.3)]
    etag = store.put("a", b"x", only_if=Absent())
    assert store.get("a").etag == etag


def test_a_write_without_end_of_failures_is_worth_another_try(proxy: HttpFaultProxy, store: S3ObjectStore) -> None:
    proxy.rules = [Rule(Fault.UNAVAILABLE, method="PUT")]
    with pytest.raises(InfrastructureError, match="503 SlowDown"):
        store.put("a", b"x", only_if=Absent())
    with pytest.raises(InfrastructureError, match="503 SlowDown"):
        store.put("a", b"x")
    proxy.rules = []
    with pytest.raises(NotFound):
        store.get("a")


@pytest.mark.parametrize("fault", [Fault.TRUNCATE, Fault.DAMAGE])
def test_a_broken_body_is_read_again(proxy: HttpFaultProxy, store: S3ObjectStore, fault: Fault) -> None:
    store.put("a", BODY)
    proxy.rules = [Rule(fault, method="GET", times=4)]
    assert store.get("a").body == BODY
    assert proxy.counts[fault.name] == 4


@pytest.mark.parametrize("fault", [Fault.TRUNCATE, Fault.DAMAGE])
def test_a_body_that_is_always_broken_is_never_given_out(
    proxy: HttpFaultProxy, store: S3ObjectStore, fault: Fault
) -> None:
    store.put("a", BODY)
    proxy.rules = [Rule(fault, method="GET")]
    with pytest.raises(InfrastructureError, match="could not be read in 5 tries"):
        store.get("a")


def test_damage_is_found_by_sha256_where_the_etag_is_no_md5(proxy: HttpFaultProxy, s3_server: MotoServer) -> None:
    bucket = s3_server.new_bucket()
    client = s3_server.client()
    sha256 = hashlib.sha256(BODY).hexdigest()
    upload = client.create_multipart_upload(Bucket=bucket, Key="a", Metadata={"sha256": sha256})["UploadId"]
    part = client.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=1, Body=BODY)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload=parts)
    store = S3ObjectStore(bucket, "", S3Options(proxy.endpoint_url, REGION, "path"))
    proxy.rules = [Rule(Fault.DAMAGE, method="GET", times=2)]
    assert store.get("a").body == BODY
    assert proxy.counts["DAMAGE"] == 2


def test_a_stream_goes_on_where_it_broke_off(proxy: HttpFaultProxy, store: S3ObjectStore) -> None:
    store.put("a", BODY)
    # each answer is half of what was left, so eight tries give all but 1/256
    proxy.rules = [Rule(Fault.TRUNCATE, method="GET", times=8)]
    pieces = list(store.stream("a", chunk_size=1000))
    assert b"".join(pieces) == BODY
    assert max(len(piece) for piece in pieces) <= 1000
    assert proxy.counts["TRUNCATE"] == 8


def test_a_damaged_stream_raises_instead_of_ending(proxy: HttpFaultProxy, store: S3ObjectStore) -> None:
    store.put("a", BODY)
    proxy.rules = [Rule(Fault.DAMAGE, method="GET")]
    with pytest.raises(InfrastructureError, match="md5"):
        list(store.stream("a"))


def test_a_stream_of_a_replaced_object_is_not_patched_together(proxy: HttpFaultProxy, store: S3ObjectStore) -> None:
    store.put("a", BODY)
    proxy.rules = [Rule(Fault.TRUNCATE, method="GET", times=1)]
    stream = store.stream("a", chunk_size=1000)
    next(stream)
    store.put("a", BODY[::-1])
    with pytest.raises(InfrastructureError, match="replaced"):
        list(stream)


def test_a_server_that_comes_back_is_used_again(proxy: HttpFaultProxy, store: S3ObjectStore) -> None:
    store.put("a", b"x")
    proxy.down()
    with pytest.raises(InfrastructureError, match=proxy.endpoint_url):
        store.get("a")
    proxy.up()
    assert store.get("a").body == b"x"


def test_a_list_kept_by_conditional_writes_loses_and_doubles_nothing(
    proxy: HttpFaultProxy, store: S3ObjectStore
) -> None:
    """A write of ours that was done, unanswered and replaced at once is said to have lost: so writers look again."""
    store.put("list", b"start")
    proxy.rules = [Rule(fault, share=0.04) for fault in (*PASSING, Fault.CONFLICT, Fault.TRUNCATE, Fault.DAMAGE)]
    deadline = time.monotonic() + 60

    def add(name: bytes) -> None:
        while time.monotonic() < deadline:
            try:
                found = store.get("list")
                if name in found.body.split():
                    return
                store.put("list", found.body + b" " + name, only_if=Matches(found.etag))
            except (PreconditionFailed, InfrastructureError):
                continue

    names = [b"%d" % number for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, names))
    proxy.rules = []
    assert sorted(store.get("list").body.split()[1:], key=int) == names
    assert sum(proxy.counts[fault.name] for fault in Fault) > 0
