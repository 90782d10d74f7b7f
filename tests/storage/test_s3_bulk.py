"""The quick way for small requests: the same objects as by boto3, and boto3 wherever it does not do."""

import os

import pytest
from obstore.exceptions import GenericError

from telemetry_tasks.errors import NotFound
from telemetry_tasks.storage.digests import md5_of
from telemetry_tasks.storage.objects import Absent, Condition, Headers, Matches
from telemetry_tasks.storage.s3 import bulk as s3_bulk
from telemetry_tasks.storage.s3 import store as s3
from telemetry_tasks.storage.s3.bulk import MOST_FAILURES, RESTING, BulkTransfers, Outcome
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.s3 import REGION, S3Server
from tests.servers.weed import WeedServer

EMPTY = md5_of(b"")
STORED, NOT_STORED, UNKNOWN = Outcome.STORED, Outcome.NOT_STORED, Outcome.UNKNOWN
HEADERS = Headers("application/json", "gzip", "no-cache", {"made-by": "us"})


class Answers:
    """In place of obstore's PUTs of empty bodies: ETags or errors in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str | Exception) -> None:
        self.answers, self.now, self.asked = list(answers), 0.0, 0
        self._transfers = BulkTransfers(None, lambda: self.now)  # type: ignore[arg-type]
        monkeypatch.setattr(s3_bulk.obstore, "put", self._answer)

    def _answer(self, *given: object, **named: object) -> dict[str, str]:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"e_tag": answer}

    def put(self, only_if: Condition | None = None) -> Outcome:
        return self._transfers.put("a", b"", EMPTY, HEADERS, only_if)


@pytest.fixture(params=["moto", "weed"])
def server(request: pytest.FixtureRequest, s3_server: MotoServer, weed_server: WeedServer) -> S3Server:
    return {"moto": s3_server, "weed": weed_server}[request.param]


def options(server: S3Server) -> S3Options:
    return S3Options(server.endpoint_url, REGION, "path")


def test_what_it_stores_and_copies_is_as_by_boto3(server: S3Server) -> None:
    bucket = server.new_bucket()
    transfers = s3_bulk.bulk_transfers(bucket, options(server))
    assert transfers is not None
    assert transfers.put("a/b.json", b"body", md5_of(b"body"), HEADERS, None) is STORED
    assert transfers.copy("a/b.json", "a/c.json")
    store = S3ObjectStore(bucket, "", options(server))
    for key in ("a/b.json", "a/c.json"):
        found = store.get(key)
        assert (found.body, found.etag) == (b"body", md5_of(b"body"))
        assert found.headers == HEADERS


def test_it_creates_what_is_not_there_and_leaves_what_is(server: S3Server) -> None:
    bucket = server.new_bucket()
    transfers = s3_bulk.bulk_transfers(bucket, options(server))
    assert transfers is not None
    assert transfers.put("a/b.json", b"body", md5_of(b"body"), HEADERS, Absent()) is STORED
    assert transfers.put("a/b.json", b"other", md5_of(b"other"), HEADERS, Absent()) is NOT_STORED
    found = S3ObjectStore(bucket, "", options(server)).get("a/b.json")
    assert (found.body, found.headers) == (b"body", HEADERS)


def test_a_write_over_an_etag_is_left_to_boto3(server: S3Server) -> None:
    transfers = s3_bulk.bulk_transfers(server.new_bucket(), options(server))
    assert transfers is not None
    assert transfers.put("a", b"body", md5_of(b"body"), HEADERS, None) is STORED
    assert transfers.put("a", b"new", md5_of(b"new"), HEADERS, Matches(md5_of(b"body"))) is NOT_STORED


def test_a_create_needs_no_boto3(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*arguments: object, **named: object) -> str:
        raise AssertionError("by boto3")

    store = S3ObjectStore(server.new_bucket(), "", options(server))
    monkeypatch.setattr(s3, "write_object_if", asked)
    assert store.put("a", b"body", only_if=Absent()) == md5_of(b"body")
    with pytest.raises(AssertionError, match="by boto3"):  # who says that it is there
        store.put("a", b"other", only_if=Absent())


@pytest.mark.parametrize("fault", [Fault.LOSE, Fault.LATE_ERROR])
def test_of_a_create_without_an_answer_it_is_not_known_whether_it_was_done(s3_server: MotoServer, fault: Fault) -> None:
    bucket = s3_server.new_bucket()
    with HttpFaultProxy(s3_server.endpoint_url) as proxy:
        through = S3Options(proxy.endpoint_url, REGION, "path")
        transfers = s3_bulk.bulk_transfers(bucket, through)
        assert transfers is not None
        proxy.rules = [Rule(fault, method="PUT", times=2)]
        assert transfers.put("a", b"body", md5_of(b"body"), HEADERS, Absent()) is UNKNOWN
        # the store finds out: the second one was done too, by a request of its own
        assert S3ObjectStore(bucket, "", through).put("b", b"body", only_if=Absent()) == md5_of(b"body")
        assert proxy.counts[fault.name] == 2


@pytest.mark.parametrize("key", ["a b", "a%20b", "ä", "a//b", "/a", "a/", "a#b", "a~b", "a\n"])
def test_keys_that_it_would_change_are_left_to_boto3(server: S3Server, key: str) -> None:
    transfers = s3_bulk.bulk_transfers(server.new_bucket(), options(server))
    assert transfers is not None
    assert transfers.put(key, b"", EMPTY, HEADERS, None) is NOT_STORED
    assert transfers.put(key, b"", EMPTY, HEADERS, Absent()) is NOT_STORED
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


def test_another_etag_than_the_bodys_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch, '"other"', f'"{EMPTY}"')
    assert [answers.put(), answers.put()] == [UNKNOWN, STORED]


@pytest.mark.parametrize("only_if", [None, Absent()])
def test_a_way_that_keeps_failing_rests_for_a_while(monkeypatch: pytest.MonkeyPatch, only_if: Condition | None) -> None:
    answers = Answers(monkeypatch, *[GenericError("no")] * MOST_FAILURES, EMPTY)
    told = [answers.put(only_if) for _ in range(MOST_FAILURES + 2)]
    assert told == [*[UNKNOWN] * MOST_FAILURES, NOT_STORED, NOT_STORED]
    assert answers.asked == MOST_FAILURES
    answers.now = RESTING
    assert answers.put(only_if) is STORED


def test_failures_among_successes_do_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch, *[GenericError("no"), EMPTY] * 5)
    assert [answers.put() for _ in range(10)] == [UNKNOWN, STORED] * 5


def test_a_child_of_a_process_that_used_it_goes_without(s3_server: MotoServer) -> None:
    bucket = s3_server.new_bucket()
    assert s3_bulk.bulk_transfers(bucket, options(s3_server)) is not None
    child = os.fork()
    if child == 0:
        os._exit(0 if s3_bulk.bulk_transfers(bucket, options(s3_server)) is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
