"""The page: files of one folder, nothing above it and no listings."""

import gzip
import hashlib
import mimetypes
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from telemetry_tasks.formats.documents import NO_CACHE
from telemetry_tasks.page_server.built import BUNDLE, INDEX
from telemetry_tasks.web.answers import text
from telemetry_tasks.web.compression import accepts_gzip
from telemetry_tasks.web.ranges import asked_span, content_range
from telemetry_tasks.web.validators import allows_range, held_tag, http_date

SKIPPED = frozenset({"node_modules"})
TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
}
WITH_CHARSET = ("text/", "application/json", "image/svg+xml")
LEAST_PACKED = 512  # bytes: less is not worth another form


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file as it is served: plain, and compressed if that makes it smaller. ``tag`` without quotes."""

    body: bytes
    packed: bytes | None
    tag: str
    content_type: str
    modified: datetime


class PageFiles:
    """Answers GET and HEAD for the files below ``folder``, with ``headers``. A changed file is read again."""

    def __init__(self, folder: Path, headers: dict[str, str]) -> None:
        self._folder, self._headers = folder.resolve(), headers
        if (bundle := self._path("/" + BUNDLE)) is not None:
            _read(bundle)  # compressed before the first visitor asks for it

    def answer(self, request: Request, url_path: str) -> Response:
        """``url_path`` is decoded. Reads a file, so it belongs into a thread."""
        path = self._path(url_path)
        if path is None:
            return text(404, "There is no such page.", self._headers)
        try:
            file = _read(path)
        except OSError:  # removed meanwhile, or not readable: the same to a visitor
            return text(404, "There is no such page.", self._headers)
        plain_tag, packed_tag = f'"{file.tag}"', f'"{file.tag}-gzip"'
        packed = file.packed if accepts_gzip(request.headers.get("accept-encoding", "")) else None
        tags = (packed_tag, plain_tag) if packed else (plain_tag,)
        headers = {
            **self._headers,
            "Content-Type": file.content_type,
            "Last-Modified": http_date(file.modified),
            "Cache-Control": NO_CACHE,
            "Vary": "Accept-Encoding",
            "Accept-Ranges": "bytes",
        }
        if tag := held_tag(request.headers, tags, file.modified):
            return Response(status_code=304, headers=_of_not_modified(headers, tag))
        span = asked_span(request.method, request.headers)
        if span and allows_range(request.headers.get("if-range"), plain_tag, file.modified):
            start, end = span.within(len(file.body))
            place = {"ETag": plain_tag, "Content-Range": content_range(start, end, len(file.body))}
            return Response(file.body[start:end], 206 if start < end else 416, {**headers, **place})
        if packed:
            return Response(packed, 200, {**headers, "ETag": packed_tag, "Content-Encoding": "gzip"})
        return Response(file.body, 200, {**headers, "ETag": plain_tag})

    def _path(self, url_path: str) -> Path | None:
        """The file for a decoded URL path; None if it is hidden, outside the folder, or not a file."""
        parts = [part for part in url_path.split("/") if part]
        if any(part.startswith(".") or part in SKIPPED or "\\" in part or "\0" in part for part in parts):
            return None
        path = self._folder.joinpath(*parts)
        if url_path.endswith("/"):
            path = path / INDEX
        resolved = path.resolve()
        return resolved if resolved.is_relative_to(self._folder) and resolved.is_file() else None


def content_type(name: str) -> str:
    """The media type of a file, by its name."""
    known = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{known}; charset=utf-8" if known.startswith(WITH_CHARSET) else known


def _read(path: Path) -> PageFile:
    facts = path.stat()
    return _read_once(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=256)
def _read_once(path: Path, changed: int, size: int) -> PageFile:
    with path.open("rb") as file:
        body, facts = file.read(), os.fstat(file.fileno())
    kind = content_type(path.name)
    packed = gzip.compress(body, mtime=0) if kind.startswith(WITH_CHARSET) and size >= LEAST_PACKED else body
    smaller = packed if len(packed) < len(body) else None
    return PageFile(
        body, smaller, hashlib.sha256(body).hexdigest()[:32], kind, datetime.fromtimestamp(facts.st_mtime, UTC)
    )


def _of_not_modified(headers: dict[str, str], tag: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Content-Type"} | {"ETag": tag}
