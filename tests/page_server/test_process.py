"""The page's server as a process of its own: over a folder and over S3, its times, and its end."""

import http.client
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from telemetry_tasks.embedded.commands import page_command
from telemetry_tasks.storage.local.store import FolderObjectStore
from telemetry_tasks.storage.objects import Headers, ObjectStore
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.servers.ports import HOST, free_port
from tests.servers.process import dying_with_us
from tests.servers.s3 import REGION

PACK = random.Random(2).randbytes(900_000)
STOP_SECONDS = 8.0
"""The server's own limit is 3 s; the rest is for a busy machine."""


@contextmanager
def page(
    url: str, folder: Path | None = None, **settings: str
) -> Iterator[tuple[subprocess.Popen[bytes], http.client.HTTPConnection]]:
    """The process, and a connection to it."""
    port = free_port()
    environment = {**os.environ, "TELEMETRY_PUBLISHED_URL": url, **settings}
    with subprocess.Popen(dying_with_us(page_command(folder, HOST, port)), env=environment) as process:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        try:
            wait_for(port, process)
            yield process, connection
        finally:
            connection.close()
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def get(connection: http.client.HTTPConnection, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.fixture(params=["folder", "moto", "weed"])
def published(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ObjectStore, dict[str, str]]:
    """A store, and the settings with which the page's server reads it."""
    if request.param == "folder":
        return FolderObjectStore(tmp_path), {}
    server = request.getfixturevalue({"moto": "s3_server", "weed": "weed_server"}[request.param])
    settings = {
        "TELEMETRY_S3_ENDPOINT_URL": server.endpoint_url,
        "TELEMETRY_S3_REGION": REGION,
        "TELEMETRY_S3_ADDRESSING_STYLE": "path",
    }
    return S3ObjectStore(server.new_bucket(), "", S3Options(server.endpoint_url, REGION, "path")), settings


def test_objects_and_parts_of_them_are_served_from_each_store(published: tuple[ObjectStore, dict[str, str]]) -> None:
    store, settings = published
    etag = store.put("packs/0a", PACK)
    store.put("latest.json", b"{}", headers=Headers("application/json", None, "no-cache"))
    with page(store.url, **settings) as (_, connection):
        status, headers, body = get(connection, "/data/packs/0a")
        assert (status, body, headers["etag"]) == (200, PACK, f'"{etag}"')
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        for asked, part in (("0-9", PACK[:10]), ("500000-", PACK[500_000:]), ("-5", PACK[-5:])):
            status, headers, body = get(connection, "/data/packs/0a", Range=f"bytes={asked}")
            assert (status, body, headers["content-length"]) == (206, part, str(len(part)))
        status, headers, body = get(connection, "/data/packs/0a", Range="bytes=900000-")
        assert (status, headers["content-range"], body) == (416, "bytes */900000", b"")
        status, headers, body = get(connection, "/data/latest.json")
        assert (status, body, headers["cache-control"]) == (200, b"{}", "no-cache")
        held = {"If-Modified-Since": headers["last-modified"]}
        assert get(connection, "/data/latest.json", **held)[0] == 304
        assert get(connection, "/data/missing")[0] == 404


def test_a_store_that_refuses_connections_is_told_soon() -> None:
    settings = {"TELEMETRY_S3_ENDPOINT_URL": f"http://{HOST}:{free_port()}", "TELEMETRY_S3_REGION": REGION}
    with page("s3://bucket", **settings) as (_, connection):
        status, headers, body = get(connection, "/data/latest.json")
        assert (status, headers["retry-after"]) == (502, "2")
        assert body == b"The object store does not answer as it should; try again.\n"


@contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


def test_a_store_that_never_answers_is_told_in_time_and_does_not_hold_up_the_end() -> None:
    with silent() as port:
        settings = {"TELEMETRY_S3_ENDPOINT_URL": f"http://{HOST}:{port}", "TELEMETRY_S3_REGION": REGION}
        with page("s3://bucket", **settings) as (process, connection):
            status, headers, body = get(connection, "/data/latest.json")
            assert (status in (502, 504), headers["retry-after"]) == (True, "2")
            assert body.endswith(b"try again.\n")
            connection.close()
            connection.request("GET", "/data/latest.json")
            time.sleep(0.3)
            assert stopped_within(process, signal.SIGTERM) == -signal.SIGTERM


def stopped_within(process: subprocess.Popen[bytes], number: int) -> int:
    process.send_signal(number)
    return process.wait(STOP_SECONDS)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_it_ends_within_seconds_whatever_its_clients_do(tmp_path: Path, number: int, code: int) -> None:
    FolderObjectStore(tmp_path).put("packs/0a", bytes(20 << 20))
    with page(f"folder://{tmp_path}") as (process, connection):
        assert get(connection, "/data/missing")[0] == 404  # a connection that is kept
        clients = []
        for sent in (b"", b"GET / HT", b"GET /data/packs/0a HTTP/1.1\r\nHost: a\r\n\r\n"):
            clients.append(socket.create_connection((HOST, connection.port)))
            clients[-1].sendall(sent)
        time.sleep(0.5)
        assert stopped_within(process, number) == code
        for client in clients:
            client.close()


def test_an_answer_that_is_on_its_way_is_finished_at_the_end(tmp_path: Path) -> None:
    FolderObjectStore(tmp_path).put("packs/0a", PACK * 8)
    with page(f"folder://{tmp_path}") as (process, connection):
        connection.request("GET", "/data/packs/0a")
        answer = connection.getresponse()
        threading.Timer(0.1, process.send_signal, (signal.SIGTERM,)).start()
        time.sleep(0.3)
        assert answer.read() == PACK * 8
        assert process.wait(STOP_SECONDS) == -signal.SIGTERM


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        command = page_command(None, HOST, taken.getsockname()[1])
        ran = subprocess.run(
            command,
            env={**os.environ, "TELEMETRY_PUBLISHED_URL": f"folder://{tmp_path}"},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 2
    (line,) = ran.stderr.splitlines()
    assert line.startswith(f"cannot listen on {HOST} port")


def test_the_setting_says_who_may_frame_the_page(tmp_path: Path) -> None:
    (tmp_path / "page" / "vendor").mkdir(parents=True)
    for name in ("index.html", "vendor/page.js"):
        (tmp_path / "page" / name).write_text("page")
    setting = {"TELEMETRY_PAGE_FRAME_ANCESTORS": "'self' https://wiki.example.com"}
    with page(f"folder://{tmp_path}", tmp_path / "page", **setting) as (_, connection):
        status, headers, _ = get(connection, "/")
        assert status == 200
        assert headers["content-security-policy"].endswith("; frame-ancestors 'self' https://wiki.example.com")
        assert "x-frame-options" not in headers
