"""A static server for the page's tests: the page at /, a bucket below /data/, gzip objects with their encoding."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass
class Site:
    """Where the server answers, and what it was asked for and sent (path, bytes)."""

    url: str
    mounts: dict[str, Path]
    requests: list[tuple[str, int]] = field(default_factory=list)


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(self.path.split("?")[0])
            body, kind = self.found(path)
            site.requests.append((path, len(body) if body else 0))
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.send_header("Content-Type", kind)
            if body and body.startswith(b"\x1f\x8b"):
                self.send_header("Content-Encoding", "gzip")
            immutable = "/current/" in path
            self.send_header("Cache-Control", "public, max-age=31536000, immutable" if immutable else "no-cache")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body or b"")

        def found(self, path: str) -> tuple[bytes | None, str]:
            for prefix, folder in site.mounts.items():
                if path.startswith(prefix):
                    file = folder / (path[len(prefix) :] or "index.html")
                    if file.is_file() and ".." not in path:
                        return file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream")
                    return None, "text/plain"
            return None, "text/plain"

        def log_message(self, *_: object) -> None:
            """The tests read `site.requests` instead."""

    return Handler


@contextmanager
def serving(mounts: dict[str, Path]) -> Iterator[Site]:
    """Serves folders below URL prefixes (the first that fits) on a free port."""
    site = Site("", mounts)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(site))
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
