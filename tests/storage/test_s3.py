"""What only the S3 store does: many pages, forks, and errors that say what to do."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.s3.client import S3Options, s3_client
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.servers.moto import MotoServer
from tests.servers.ports import HOST, free_port
from tests.servers.s3 import REGION
from tests.servers.weed import WeedServer


def _store(server: MotoServer | WeedServer, bucket: str, prefix: str = "") -> S3ObjectStore:
    return S3ObjectStore(bucket, prefix, S3Options(server.endpoint_url, REGION, "path", max_attempts=2))


def test_more_than_a_thousand_objects_are_listed_and_deleted(weed_server: WeedServer) -> None:
    store = _store(weed_server, weed_server.new_bucket())
    keys = [f"{number:04}" for number in range(1003)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b"x"), keys))
    assert [info.key for info in store.list()] == keys
    store.delete(keys)
    assert list(store.list()) == []


def test_a_store_sees_only_what_is_below_its_prefix(s3_server: MotoServer) -> None:
    bucket = s3_server.new_bucket()
    whole, part, beside = _store(s3_server, bucket), _store(s3_server, bucket, "/a/"), _store(s3_server, bucket, "a-b")
    part.put("x", b"1")
    beside.put("x", b"2")
    assert [info.key for info in part.list()] == ["x"]
    assert [info.key for info in whole.list()] == ["a-b/x", "a/x"]
    assert (whole.url, part.url) == (f"s3://{bucket}", f"s3://{bucket}/a")


@pytest.mark.parametrize("kind", ["s3_server", "weed_server"])
def test_the_folder_that_a_console_makes_of_a_prefix_is_no_object(kind: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(kind)
    bucket = server.new_bucket()
    _store(server, bucket).put("pings/", b"")
    _store(server, bucket).put("pings/a", b"1")
    assert [info.key for info in _store(server, bucket, "pings").list()] == ["a"]


def test_weed_sorts_by_the_parts_of_the_path(weed_server: WeedServer) -> None:
    store = _store(weed_server, weed_server.new_bucket())
    for key in ("a-b/1", "a/1"):
        store.put(key, b"")
    assert [info.key for info in store.list()] == ["a/1", "a-b/1"]
    assert [info.key for info in store.list(start_after="a/1")] == ["a-b/1"]


def test_a_forked_process_makes_a_client_of_its_own(s3_server: MotoServer) -> None:
    options = S3Options(s3_server.endpoint_url, REGION, "path")
    mine = s3_client(options)
    assert s3_client(options) is mine
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"same" if s3_client(options) is mine else b"new")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 10) == b"new"


@pytest.mark.parametrize("kind", ["moto", "weed"])
def test_a_missing_bucket_is_for_the_operator(kind: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue({"moto": "s3_server", "weed": "weed_server"}[kind])
    store = _store(server, "no-such-bucket-here")
    attempts = [store.now, lambda: list(store.list()), lambda: store.get("a"), lambda: store.head("a")]
    if kind == "moto":  # SeaweedFS makes a bucket when an administrator writes to it
        attempts.append(lambda: store.put("a", b""))
    for attempt in attempts:
        with pytest.raises(OperatorError, match=r"no-such-bucket-here at http://.*does not exist") as caught:
            attempt()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "advice"),
    [("AWS_ACCESS_KEY_ID", "access key is not known"), ("AWS_SECRET_ACCESS_KEY", "secret key does not fit")],
)
def test_wrong_keys_are_for_the_operator(
    weed_server: WeedServer, monkeypatch: pytest.MonkeyPatch, variable: str, advice: str
) -> None:
    bucket = weed_server.new_bucket()
    monkeypatch.setenv(variable, "wrong")
    # another number of connections: clients are kept for equal options, and this one must read the environment
    options = S3Options(weed_server.endpoint_url, REGION, "path", max_connections=5 + len(variable))
    with pytest.raises(OperatorError, match=advice):
        S3ObjectStore(bucket, "", options).put("a", b"")


def test_missing_credentials_are_for_the_operator(s3_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    options = S3Options(s3_server.endpoint_url, REGION, "path", max_connections=3)
    with pytest.raises(OperatorError, match="no usable AWS credentials"):
        S3ObjectStore("any-bucket", "", options).put("a", b"")


def test_a_server_that_is_down_is_worth_another_try() -> None:
    options = S3Options(f"http://{HOST}:{free_port()}", REGION, "path", max_attempts=1)
    with pytest.raises(InfrastructureError, match="any-bucket at http://127"):
        S3ObjectStore("any-bucket", "", options).get("a")


def test_a_server_that_never_answers_is_worth_another_try() -> None:
    with socket.create_server((HOST, 0)) as silent:
        options = S3Options(
            f"http://{HOST}:{silent.getsockname()[1]}", REGION, "path", read_timeout=0.3, max_attempts=1
        )
        with pytest.raises(InfrastructureError, match="timeout"):
            S3ObjectStore("any-bucket", "", options).put("a", b"")


def test_an_unknown_endpoint_is_for_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    options = S3Options("http://s3.invalid", REGION, "path", max_attempts=1)
    with pytest.raises(OperatorError, match=r"http://s3\.invalid.*name is unknown"):
        S3ObjectStore("any-bucket", "", options).get("a")


def test_a_nonsense_endpoint_is_for_the_operator() -> None:
    with pytest.raises(OperatorError, match="cannot be used"):
        S3ObjectStore("any-bucket", "", S3Options("nonsense", REGION)).get("a")
