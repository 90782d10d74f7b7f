"""An HTTP proxy before an S3 server that lets requests fail by ``Rule``.

The ``Host`` header is passed on as it came: the client has signed it.
"""

import http.client
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from tests.faults.proxies.rules import OF_BODIES, Dice, Fault, Rule
from tests.faults.proxies.sockets import hang_up
from tests.servers.ports import HOST

_REFUSALS = {
    Fault.UNAVAILABLE: (503, "SlowDown"),
    Fault.ERROR: (500, "InternalError"),
    Fault.FORBIDDEN: (403, "AccessDenied"),
    Fault.CONFLICT: (409, "ConditionalRequestConflict"),
    Fault.LATE_ERROR: (500, "InternalError"),
    Fault.ERROR_IN_200: (200, "InternalError"),
}
_PAGE = b"<html><head><title>Sign in</title></head><body>Please sign in to use this network.</body></html>"
_OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "expect", "content-length"}


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was forwarded, and the answer of the server."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    etag: str


class HttpFaultProxy:
    """``with HttpFaultProxy(server.endpoint_url, [Rule(Fault.DROP, share=0.1)]) as proxy: proxy.endpoint_url``.

    ``rules`` may be set at any time. ``counts`` has how often each fault struck, under its name, and how many
    requests were ``forwarded``. With ``keeps``, a pattern of paths, ``done`` has the writes of them, in the order of
    their answers; names of headers are in lower case.
    """

    def __init__(self, upstream: str, rules: Iterable[Rule] = (), seed: int = 0, keeps: str | None = None) -> None:
        address = urlsplit(upstream)
        self.upstream = (address.hostname or HOST, address.port or 80)
        self.dice = Dice(seed, rules)
        self.counts: Counter[str] = Counter()
        self.done: list[Done] = []
        self._keeps = None if keeps is None else re.compile(keeps)
        self._counting = threading.Lock()
        self._server: _Server | None = None
        self._port = 0

    @property
    def endpoint_url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def rules(self) -> list[Rule]:
        return self.dice.rules

    @rules.setter
    def rules(self, rules: Iterable[Rule]) -> None:
        self.dice.rules = list(rules)

    def count(self, name: str) -> None:
        with self._counting:
            self.counts[name] += 1

    def keep(self, done: Done) -> None:
        """Keeps a write that is asked for."""
        if self._keeps is not None and done.method != "GET" and self._keeps.search(done.path):
            with self._counting:
                self.done.append(done)

    def up(self) -> None:
        """Takes connections, always on the same port."""
        if self._server is None:
            self._server = _Server((HOST, self._port), self)
            self._port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        """Cuts all connections and refuses new ones until ``up()``."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up_all()
            self._server = None

    def __enter__(self) -> "HttpFaultProxy":
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], proxy: HttpFaultProxy) -> None:
        super().__init__(address, _Handler)
        self.proxy = proxy
        self.connections: set[socket.socket] = set()

    def hang_up_all(self) -> None:
        for connection in list(self.connections):
            hang_up(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone, or that we hung up on, is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _handle(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        rule = proxy.dice.throw(self.command, self.path)
        fault = rule.fault if rule else None
        if fault and fault not in OF_BODIES:
            proxy.count(fault.name)
        if fault in {Fault.UNAVAILABLE, Fault.ERROR, Fault.FORBIDDEN, Fault.CONFLICT, Fault.ERROR_IN_200}:
            self._refuse(fault)
            return
        if fault is Fault.PORTAL:
            self._give_page()
            return
        if fault is Fault.DROP:
            self._hang_up()
            return
        if rule and fault is Fault.DELAY:
            time.sleep(rule.seconds)
        status, headers, answer = self._forward(body)
        if fault is Fault.LOSE:
            self._hang_up()
        elif fault is Fault.LATE_ERROR:
            self._refuse(fault)
        else:
            self._answer(status, headers, answer, fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = http.client.HTTPConnection(*self.server.proxy.upstream, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _OF_ONE_CONNECTION:
                    upstream.putheader(name, value)
            if body or self.command in {"PUT", "POST"}:
                upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            response = upstream.getresponse()
            answer = response.read()
            self.server.proxy.count("forwarded")
            asked = {name.lower(): value for name, value in self.headers.items()}
            etag = response.getheader("ETag", "")
            self.server.proxy.keep(Done(self.command, self.path, asked, body, response.status, etag.strip('"')))
            length = response.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(answer))
            headers = [(n, v) for n, v in response.getheaders() if n.lower() not in _OF_ONE_CONNECTION]
            return response.status, [*headers, ("Content-Length", length)], answer
        finally:
            upstream.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, fault: Fault | None) -> None:
        struck = fault in OF_BODIES and self.command == "GET" and status < 300 and body
        if struck and fault:
            self.server.proxy.count(fault.name)
        if fault is Fault.EMPTIED:
            headers = [*((n, v) for n, v in headers if n != "Content-Length"), ("Content-Length", "0")]
            body = b""
        if struck and fault is Fault.DAMAGE:
            middle = len(body) // 2
            body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if struck and fault is Fault.TRUNCATE:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True  # an orderly end: what was written does arrive
        else:
            self.wfile.write(body)

    def _refuse(self, fault: Fault) -> None:
        status, code = _REFUSALS[fault]
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{fault.value}</Message></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _give_page(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(_PAGE)

    def _hang_up(self) -> None:
        self.close_connection = True
        hang_up(self.connection)
