"""The quick way for small requests: the same objects as by boto3, and boto3 wherever it does not do."""

import os
from collections.abc import Callable

import pytest
from obstore.exceptions import GenericError

from telemetry_tasks.errors import NotFound
from telemetry_tasks.storage.digests import md5_of
from telemetry_tasks.storage.s3 import bulk as s3_bulk
from telemetry_tasks.storage.s3 import store as s3
from telemetry_tasks.storage.s3.bulk import MOST_FAILURES, RESTING, BulkTransfers
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.s3 import REGION, S3Server
from tests.servers.weed import WeedServer

HEADERS = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Cache-Control": "no-cache"}


class Answers:
    """In place of the requests: answers or errors in turn."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers, self.now, self.asked = list(answers), 0.0, 0

    def __call__(self) -> str:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def asking(answers: Answers) -> Callable[[], bool]:
    transfers = BulkTransfers(None, lambda: answers.now)  # type: ignore[arg-type]
    return lambda: transfers._done(answers, "etag")


@pytest.fixture(params=["moto", "weed"])
def server(request: pytest.FixtureRequest, s3_server: MotoServer, weed_server: WeedServer) -> S3Server:
    return {"moto": s3_server, "weed": weed_server}[request.param]


def options(server: S3Server) -> S3Options:
    return S3Options(server.endpoint_url, REGION, "path")


def test_what_it_stores_and_copies_is_as_by_boto3(server: S3Server) -> None:
    bucket = server.new_bucket()
    transfers = s3_bulk.bulk_transfers(bucket, options(server))
    assert transfers is not None
    assert transfers.put("a/b.json", b"body", md5_of(b"body"), HEADERS, {"made-by": "us"})
    assert transfers.copy("a/b.json", "a/c.json")
    store = S3ObjectStore(bucket, "", options(server))
    for key in ("a/b.json", "a/c.json"):
        found = store.get(key)
        assert (found.body, found.etag) == (b"body", md5_of(b"body"))
        assert (found.content_type, found.content_encoding) == ("application/json", "gzip")
        assert found.metadata == {"made-by": "us"}
        assert server.client().head_object(Bucket=bucket, Key=key)["CacheControl"] == "no-cache"


def test_it_creates_what_is_not_there_and_leaves_what_is(server: S3Server) -> None:
    bucket = server.new_bucket()
    transfers = s3_bulk.bulk_transfers(bucket, options(server))
    assert transfers is not None
    assert transfers.create("a/b.json", b"body", md5_of(b"body"), HEADERS, {"made-by": "us"}) is True
    assert transfers.create("a/b.json", b"other", md5_of(b"other"), HEADERS, {}) is False
    found = S3ObjectStore(bucket, "", options(server)).get("a/b.json")
    assert (found.body, found.content_type, found.metadata) == (b"body", "application/json", {"made-by": "us"})


def test_a_create_needs_no_boto3(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*arguments: object, **named: object) -> str:
        raise AssertionError("by boto3")

    store = S3ObjectStore(server.new_bucket(), "", options(server))
    monkeypatch.setattr(s3, "write_object_if", asked)
    assert store.put("a", b"body", if_none_match=True) == md5_of(b"body")
    with pytest.raises(AssertionError, match="by boto3"):  # who says that it is there
        store.put("a", b"other", if_none_match=True)


@pytest.mark.parametrize("fault", [Fault.LOSE, Fault.LATE_ERROR])
def test_of_a_create_without_an_answer_it_is_not_known_whether_it_was_done(s3_server: MotoServer, fault: Fault) -> None:
    bucket = s3_server.new_bucket()
    with HttpFaultProxy(s3_server.endpoint_url) as proxy:
        through = S3Options(proxy.endpoint_url, REGION, "path")
        transfers = s3_bulk.bulk_transfers(bucket, through)
        assert transfers is not None
        proxy.rules = [Rule(fault, method="PUT", times=2)]
        assert transfers.create("a", b"body", md5_of(b"body"), HEADERS, {}) is None
        # the store finds out: the second one was done too, by a request of its own
        assert S3ObjectStore(bucket, "", through).put("b", b"body", if_none_match=True) == md5_of(b"body")
        assert proxy.counts[fault.name] == 2


@pytest.mark.parametrize("key", ["a b", "a%20b", "ä", "a//b", "/a", "a/", "a#b", "a~b", "a\n"])
def test_keys_that_it_would_change_are_left_to_boto3(server: S3Server, key: str) -> None:
    transfers = s3_bulk.bulk_transfers(server.new_bucket(), options(server))
    assert transfers is not None
    assert not transfers.put(key, b"", md5_of(b""), HEADERS, {})
    assert transfers.create(key, b"", md5_of(b""), HEADERS, {}) is False
    assert not transfers.copy(key, "b")


def test_the_copy_of_nothing_is_told_by_boto3(server: S3Server) -> None:
    store = S3ObjectStore(server.new_bucket(), "", options(server))
    with pytest.raises(NotFound):
        store.copy("nothing", "b")


def test_a_write_that_it_did_not_do_is_done_by_boto3(s3_server: MotoServer) -> None:
    with HttpFaultProxy(s3_server.endpoint_url) as proxy:
        store = S3ObjectStore(s3_server.new_bucket(), "", S3Options(proxy.endpoint_url, REGION, "path"))
        proxy.rules = [Rule(Fault.UNAVAILABLE, method="PUT", times=1)]
        store.put("a", b"body")
        assert proxy.counts[Fault.UNAVAILABLE.name] == 1
        assert store.get("a").body == b"body"


def test_another_etag_than_the_bodys_is_no_success() -> None:
    ask = asking(Answers('"other"', '"etag"'))
    assert [ask(), ask()] == [False, True]


def test_a_way_that_keeps_failing_rests_for_a_while() -> None:
    answers = Answers(*[GenericError("no")] * MOST_FAILURES, "etag")
    ask = asking(answers)
    assert not any(ask() for _ in range(MOST_FAILURES + 5))
    assert answers.asked == MOST_FAILURES
    answers.now = RESTING
    assert ask()


def test_creates_that_keep_failing_rest_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(*[GenericError("no")] * MOST_FAILURES)
    monkeypatch.setattr(s3_bulk.obstore, "put", lambda *given, **named: answers())
    transfers = BulkTransfers(None, lambda: answers.now)  # type: ignore[arg-type]
    told = [transfers.create("a", b"", md5_of(b""), HEADERS, {}) for _ in range(MOST_FAILURES + 2)]
    assert told == [*[None] * MOST_FAILURES, False, False]
    assert answers.asked == MOST_FAILURES


def test_failures_among_successes_do_not_stop_it() -> None:
    answers = Answers(*[GenericError("no"), "etag"] * 5)
    ask = asking(answers)
    assert [ask() for _ in range(10)] == [False, True] * 5


def test_a_child_of_a_process_that_used_it_goes_without(s3_server: MotoServer) -> None:
    bucket = s3_server.new_bucket()
    assert s3_bulk.bulk_transfers(bucket, options(s3_server)) is not None
    child = os.fork()
    if child == 0:
        os._exit(0 if s3_bulk.bulk_transfers(bucket, options(s3_server)) is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
