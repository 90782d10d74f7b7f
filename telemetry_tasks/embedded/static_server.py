"""The page at ``/`` and the published data at ``/data/``, over HTTP/1.1 with kept connections.

``python -m telemetry_tasks.embedded.static_server --folder static --port 8080``

Meant for a single machine, or behind a reverse proxy. The bucket behind ``/data/`` is ``TELEMETRY_PUBLISHED_URL``.
"""

import argparse
import socket
import sys
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from telemetry_tasks.bootstrap import published_store
from telemetry_tasks.embedded.answers import Answer, Request, text
from telemetry_tasks.embedded.page_files import PageFiles, check_built
from telemetry_tasks.embedded.published_files import PublishedFiles
from telemetry_tasks.errors import OperatorError, TelemetryError
from telemetry_tasks.settings import settings

DATA = "/data/"
ALLOWED = "GET, HEAD, OPTIONS"
IDLE_SECONDS = 60.0


class Site:
    """Which part of the site answers a request."""

    def __init__(self, page: PageFiles | None, published: PublishedFiles) -> None:
        self._page = page
        self._published = published

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Answer:
        """``target`` as in the request line; ``headers`` with lower-case names."""
        try:
            path = unquote(urlsplit(target).path, errors="strict")
        except ValueError:
            return text(400, "The address is not valid.")
        if path.startswith(DATA):
            return self._published.answer(Request(method, path.removeprefix(DATA), headers))
        if self._page is None or method == "OPTIONS":
            return text(404, "There is no such page.")
        return self._page.answer(Request(method, path, headers))


class Handler(BaseHTTPRequestHandler):
    """Turns requests into ``Site.answer`` and its answers into bytes."""

    protocol_version = "HTTP/1.1"
    server_version = "telemetry-tasks"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: "SiteServer"

    def do_GET(self) -> None:
        self._respond()

    do_HEAD = do_OPTIONS = do_GET

    def do_POST(self) -> None:
        self.close_connection = True
        self._send(text(405, "Nothing can be changed here.", {"Allow": ALLOWED}))

    do_PUT = do_PATCH = do_DELETE = do_POST

    def _respond(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            self.close_connection = True  # a body that nobody reads must not become the next request
        self._send(self.server.site.answer(self.command, self.path, headers))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status not in (204, 304):
            self.wfile.write(answer.body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Only what went wrong is worth a line."""
        if isinstance(code, int) and code >= 500:
            super().log_request(code, size)


class SiteServer(ThreadingHTTPServer):
    """One thread a connection; a stop does not wait for idle ones."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self.site = site
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that disconnects is not worth a log line."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def serve(site: Site, address: str, port: int) -> None:
    """Serves until the process is told to end. Raises ``OperatorError`` when the port cannot be had."""
    try:
        server = SiteServer((address, port), site)
    except OSError as error:
        raise OperatorError(f"cannot listen on {address} port {port}: {error.strerror}") from error
    with server:
        server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="telemetry-tasks-page", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="folder of the page's files; only /data/ is served without")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--connect", nargs="*", default=[], help="further origins that the page may read data from")
    options = parser.parse_args(arguments)
    try:
        if options.folder:
            check_built(options.folder)
        page = PageFiles(options.folder, tuple(options.connect)) if options.folder else None
        serve(Site(page, PublishedFiles(published_store(settings()))), options.address, options.port)
    except TelemetryError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
