"""Answers of status 200 that are not what they say: an error in the body, a web page, an empty body."""

from collections.abc import Callable, Iterator

import pytest

from telemetry_tasks.errors import DamagedObject, InfrastructureError
from telemetry_tasks.storage.objects import Absent, Matches
from telemetry_tasks.storage.s3 import bulk as s3_bulk
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.s3 import REGION, S3Server
from tests.servers.weed import WeedServer


@pytest.fixture(params=["moto", "weed"])
def server(request: pytest.FixtureRequest, s3_server: MotoServer, weed_server: WeedServer) -> S3Server:
    return {"moto": s3_server, "weed": weed_server}[request.param]


@pytest.fixture
def proxy(server: S3Server) -> Iterator[HttpFaultProxy]:
    with HttpFaultProxy(server.endpoint_url) as proxy:
        yield proxy


def store_through(proxy: HttpFaultProxy, server: S3Server) -> S3ObjectStore:
    options = S3Options(proxy.endpoint_url, REGION, "path", max_attempts=2)
    store = S3ObjectStore(server.new_bucket(), "", options)
    for key in ("a", "b", "c"):
        store.put(key, b"body of " + key.encode())
    return store


@pytest.mark.parametrize("client", ["obstore", "boto3"])
def test_a_copy_that_failed_in_its_body_is_a_failure(
    proxy: HttpFaultProxy, server: S3Server, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if client == "boto3":
        monkeypatch.setattr("telemetry_tasks.storage.s3.store.bulk_transfers", lambda *_: None)
    store = store_through(proxy, server)
    proxy.rules = [Rule(Fault.ERROR_IN_200, method="PUT")]
    with pytest.raises(InfrastructureError):
        store.copy("a", "new")
    with pytest.raises(InfrastructureError):
        store.copy("a", "b")  # over another object
    proxy.rules = []
    assert store.head("new") is None
    assert store.get("b").body == b"body of b"
    store.copy("a", "new")
    assert store.get("new").body == b"body of a"


def test_the_quick_way_alone_does_not_take_such_a_copy_for_done(proxy: HttpFaultProxy, server: S3Server) -> None:
    store = store_through(proxy, server)
    quick = s3_bulk.bulk_transfers(store._access.bucket, store._access.options)
    assert quick is not None
    proxy.rules = [Rule(Fault.ERROR_IN_200, method="PUT")]
    assert not quick.copy("a", "new")
    assert not quick.copy("a", "b")
    proxy.rules = []
    assert quick.copy("a", "b")


def test_a_copy_of_which_half_fail_is_done_in_the_end(proxy: HttpFaultProxy, server: S3Server) -> None:
    options = S3Options(proxy.endpoint_url, REGION, "path")
    store = S3ObjectStore(server.new_bucket(), "", options)
    store.put("a", b"1")
    proxy.rules = [Rule(Fault.ERROR_IN_200, method="PUT", share=1.0, times=2)]
    store.copy("a", "new")
    assert proxy.counts[Fault.ERROR_IN_200.name] == 2
    assert store.get("new").body == b"1"


Act = Callable[[S3ObjectStore], object]
ACTS: dict[str, Act] = {
    "put": lambda store: store.put("new", b"1"),
    "create": lambda store: store.put("new", b"1", only_if=Absent()),
    "replace": lambda store: store.put("a", b"1", only_if=Matches("841a2d689ad86bd1611447453c22c6fc")),
    "delete some": lambda store: store.delete(["a", "b"]),
    "list": lambda store: list(store.list()),
    "head": lambda store: store.head("a"),
    "get": lambda store: store.get("a"),
    "get if": lambda store: store.get("a", if_match="0" * 32),
    "stream": lambda store: list(store.stream("a")),
    "copy": lambda store: store.copy("a", "new"),
}


EMPTY_ANYWAY = {"put", "create", "replace", "head", "get if"}
"""What S3 answers by headers alone, or by a 412."""


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (act, fault)
        for act in ACTS
        for fault in (Fault.PORTAL, Fault.EMPTIED, Fault.ERROR_IN_200)
        if fault is not Fault.EMPTIED or act not in EMPTY_ANYWAY
    ],
)
def test_what_is_not_the_stores_answer_is_an_outage(
    proxy: HttpFaultProxy, server: S3Server, act: str, fault: Fault
) -> None:
    store = store_through(proxy, server)
    proxy.rules = [Rule(fault, method="(?!HEAD).*" if fault is Fault.EMPTIED else ".*")]
    if (act, fault) == ("copy", Fault.EMPTIED):
        store.copy("a", "new")  # the quick way looks at what it did
        proxy.rules = []
        assert store.get("new").body == b"body of a"
        return
    with pytest.raises(InfrastructureError):
        ACTS[act](store)


def test_a_removal_that_is_not_confirmed_is_a_failure(proxy: HttpFaultProxy, server: S3Server) -> None:
    store = store_through(proxy, server)
    proxy.rules = [Rule(Fault.EMPTIED, method="POST")]
    with pytest.raises(InfrastructureError):
        store.delete(["a", "b"])
    proxy.rules = []
    store.delete(["a", "b", "nothing"])
    assert [info.key for info in store.list()] == ["c"]


def test_an_empty_body_under_the_headers_of_an_object_is_told_by_its_checksum(
    proxy: HttpFaultProxy, server: S3Server
) -> None:
    store = store_through(proxy, server)
    proxy.rules = [Rule(Fault.EMPTIED, method="GET")]
    with pytest.raises(DamagedObject):
        store.get("a")
    with pytest.raises(DamagedObject):
        list(store.stream("a"))
