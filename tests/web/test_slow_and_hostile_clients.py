"""Clients that are slow, never end, or send what is not HTTP: each is cut off alone, and others are served."""

import http.client
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telemetry_tasks.web.patience import PatientProtocol
from telemetry_tasks.web.server import LARGEST_HEAD
from telemetry_tasks.web.unread_bodies import UnreadBodies
from tests.servers.ports import HOST
from tests.web.running import connected, rest_of, running

BODY = bytes(8 << 20)
HEAD_SECONDS, READ_SECONDS = 0.6, 0.6


class Impatient(PatientProtocol):
    head_seconds, read_seconds = HEAD_SECONDS, READ_SECONDS


async def hello(request: Request) -> Response:
    return Response(b"hello")


async def large(request: Request) -> Response:
    return Response(BODY)


@pytest.fixture
def port() -> Iterator[int]:
    app = UnreadBodies(Starlette(routes=[Route("/hello", hello), Route("/large", large)]))
    with running(app, Impatient) as port:
        yield port


def served(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    connection.request("GET", "/hello")
    body = connection.getresponse().read()
    connection.close()
    return body == b"hello"


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /hello HTTP/1.1\r\nHost: a\r\n"])
def test_a_request_that_does_not_come_to_its_end_is_cut_off(port: int, sent: bytes) -> None:
    client = connected(port)
    client.sendall(sent)
    assert rest_of(client) == b""
    assert served(port)


def test_a_request_that_comes_byte_by_byte_is_cut_off(port: int) -> None:
    client = connected(port)
    began = time.monotonic()
    client.settimeout(0.05)
    client.sendall(b"GET /hello HTTP/1.1\r\n")
    cut_off = False
    while not cut_off and time.monotonic() < began + 20:
        try:
            client.sendall(b"X")
            cut_off = client.recv(100) == b""
        except TimeoutError:
            continue
        except ConnectionError:
            cut_off = True
    assert cut_off
    assert served(port)


def test_the_second_request_of_a_connection_has_a_time_too(port: int) -> None:
    client = connected(port)
    client.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello")
    answer = rest_of(client)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_quiet_connection_between_two_requests_is_kept(port: int) -> None:
    client = connected(port)
    for _ in range(2):
        client.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = b""
        while not answer.endswith(b"hello"):
            answer += client.recv(1 << 16)
        time.sleep(2 * HEAD_SECONDS)
    client.close()


def test_requests_that_are_sent_together_are_answered_in_their_order(port: int) -> None:
    client = connected(port)
    request = b"GET /%s HTTP/1.1\r\nHost: a\r\n%s\r\n"
    client.sendall(
        request % (b"hello", b"") + request % (b"nothing", b"") + request % (b"hello", b"Connection: close\r\n")
    )
    assert re.findall(rb"HTTP/1.1 (\d+)", rest_of(client)) == [b"200", b"404", b"200"]


def test_a_client_that_does_not_read_is_cut_off(port: int) -> None:
    client = connected(port, receive_buffer=4096)
    client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(4 * READ_SECONDS)
    assert len(rest_of(client)) < len(BODY)
    assert served(port)


def test_a_client_that_reads_gets_all(port: int) -> None:
    client = connected(port)
    client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert rest_of(client).partition(b"\r\n\r\n")[2] == BODY


HOSTILE = {
    "a line without end": b"GET /" + b"a" * (2 * LARGEST_HEAD),
    "a header without end": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * (2 * LARGEST_HEAD),
    "headers without end": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * LARGEST_HEAD,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "two lengths": b"POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a negative length": b"POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "no host": b"GET /hello HTTP/1.1\r\n\r\n",
    "a control character": b"GET /hel\x01lo HTTP/1.1\r\nHost: a\r\n\r\n",
    "a folded name": b"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
    "bytes that are not ASCII": b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.9\r\n",
    "an empty line": b"\r\n",
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=list(HOSTILE))
def test_what_is_not_http_is_refused(port: int, sent: bytes) -> None:
    client = connected(port)
    with suppress(ConnectionError):
        client.sendall(sent)
    answer = rest_of(client)
    # a client that still sends may lose the answer to a reset
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert served(port)


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 1000000000\r\n\r\n" + b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" * 10,
        b"Transfer-Encoding: chunked\r\n\r\n" + b"5\r\nhello\r\n" * 10,
    ],
    ids=["length", "chunks"],
)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_a_body_without_end_is_not_read(port: int, method: bytes, body: bytes) -> None:
    client = connected(port)
    client.sendall(method + b" /hello HTTP/1.1\r\nHost: a\r\n" + body)
    answer = rest_of(client)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"connection: close" in answer
    assert served(port)


def test_many_slow_clients_do_not_keep_others_out(port: int) -> None:
    slow = [connected(port) for _ in range(300)]
    for client in slow:
        client.sendall(b"GET /hello HTTP/1.1\r\n")
    assert served(port)
    for client in slow:
        assert rest_of(client) == b""


def test_a_client_that_leaves_in_the_middle_harms_nobody(port: int) -> None:
    for _ in range(20):
        client = connected(port, receive_buffer=4096)
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        client.close()
    assert served(port)
