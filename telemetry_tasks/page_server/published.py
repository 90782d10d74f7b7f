"""The published data under the page's own origin: objects of one store, read only, no listings.

Serves a browser the same whether the bucket behind it is private or public, and restores what some S3 servers drop: the
``Content-Encoding`` of a gzip body. What is stored compressed goes out as it is, and unpacked to a client that
does not take gzip; the two are told apart by their ETags. Bytes of all other objects are served by range, too.
"""

import logging
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from telemetry_tasks.core.partition import is_object_key
from telemetry_tasks.errors import InfrastructureError, NotFound, OperatorError, PreconditionFailed
from telemetry_tasks.formats.documents import JSON, TEXT
from telemetry_tasks.formats.published_paths import cache_control, is_binary
from telemetry_tasks.storage.objects import ObjectStore, OpenObject, Span
from telemetry_tasks.web.answers import RETRY_AFTER, SECURITY_HEADERS, text
from telemetry_tasks.web.blocking import BlockingWork, Busy
from telemetry_tasks.web.compression import GZIP_MAGIC, accepts_gzip, unpacked
from telemetry_tasks.web.ranges import asked_span, content_range
from telemetry_tasks.web.streams import NOTHING, Begun, Streamed, begin
from telemetry_tasks.web.validators import allows_range, asks_whether_it_changed, held_tag, http_date

CROSS_ORIGIN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT_HEADERS = {
    **CROSS_ORIGIN_HEADERS,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, If-Range, Range",
    "Access-Control-Max-Age": "86400",
}
HEADERS = {**SECURITY_HEADERS, **CROSS_ORIGIN_HEADERS}
TRY_AGAIN = {**HEADERS, **RETRY_AFTER}
UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
WITH_CHARSET = frozenset({JSON, TEXT})
PIECE = 256 << 10  # bytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """An object that is open and begun: the part that was asked for, or all of it.

    ``encoding`` is as in ``Content-Encoding``, None if there is nothing to undo.
    """

    opened: OpenObject
    body: Begun
    encoding: str | None
    is_part: bool = False


class PublishedFiles:
    """Answers GET, HEAD and OPTIONS for the keys of ``store``, which is read by ``work``."""

    def __init__(self, store: ObjectStore, work: BlockingWork) -> None:
        self._store, self._work = store, work

    async def answer(self, request: Request, key: str) -> Response:
        """What the store refuses to show does not exist for a reader."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={**SECURITY_HEADERS, **PREFLIGHT_HEADERS})
        if not is_plain_key(key):
            return text(404, "There is no such object.", HEADERS)
        try:
            return await self._answer(request, key)
        except (NotFound, OperatorError) as error:
            if isinstance(error, OperatorError):
                _log.warning("not served: %s", error)
            return text(404, "There is no such object.", HEADERS)
        except InfrastructureError as error:
            _log.warning("not served: %s", error)
            return text(502, "The object store does not answer as it should; try again.", TRY_AGAIN)
        except TimeoutError:
            _log.warning("not served: %s: no answer in time for %s", self._store.url, key)
            return text(504, "The object store does not answer in time; try again.", TRY_AGAIN)
        except Busy:
            return text(503, "Too many requests wait for the object store; try again.", TRY_AGAIN)

    async def _answer(self, request: Request, key: str) -> Response:
        takes_gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
        if asks_whether_it_changed(request.headers) and (held := await self._held(request, key, takes_gzip)):
            return held
        span, if_range = asked_span(request.method, request.headers), request.headers.get("if-range")
        found = await self._work.run(lambda: self._find(key, span, if_range), lambda late: late.body.close())
        if found.is_part:
            return self._part(found)
        if found.encoding == "gzip" and not takes_gzip:
            plain = unpacked(found.body.again(), PIECE)
            begun = await self._work.run(lambda: begin(plain), Begun.close)
            return self._whole(request, found, begun)
        return self._whole(request, found, None)

    async def _held(self, request: Request, key: str, takes_gzip: bool) -> Response | None:
        """304 after one HEAD request, if the client holds the newest."""
        info = await self._work.run(lambda: self._store.head(key))
        if info is None:
            return None
        tags = (f'"{info.etag}"',) if takes_gzip else (f'"{info.etag}"', f'"{info.etag}-plain"')
        tag = held_tag(request.headers, tags, info.modified)
        if tag is None:
            return None
        facts = {"ETag": tag, "Last-Modified": http_date(info.modified), "Cache-Control": cache_control(key)}
        return Response(status_code=304, headers={**HEADERS, **facts, "Vary": "Accept-Encoding"})

    def _find(self, key: str, span: Span | None, if_range: str | None) -> _Found:
        """Opens the object, or the part of it that is asked for if its bytes are served by range."""
        at_once = span is not None and if_range is None and is_binary(key)
        found = self._open(key, span if at_once else None)
        info = found.opened.info
        if at_once or span is None or found.encoding or not allows_range(if_range, f'"{info.etag}"', info.modified):
            return found
        found.body.close()
        return self._open(key, span, if_match=info.etag)

    def _open(self, key: str, span: Span | None, if_match: str | None = None) -> _Found:
        try:
            opened = self._store.open(key, span=span, if_match=if_match, chunk_size=PIECE)
        except PreconditionFailed as error:
            raise InfrastructureError(f"{self._store.url}: {key} was replaced while it was read") from error
        body = begin(opened.pieces)
        # a store that knows no ranges gives the whole object
        is_part = span is not None and (opened.start, opened.end) == span.within(opened.info.size)
        return _Found(opened, body, _encoding(opened, body.first), is_part)

    def _part(self, found: _Found) -> Response:
        opened = found.opened
        facts = {
            **_facts(found, opened.info.etag),
            "Content-Range": content_range(opened.start, opened.end, opened.info.size),
            "Content-Length": str(opened.end - opened.start),
        }
        return self._sent(found.body, 206 if opened.start < opened.end else 416, facts)

    def _whole(self, request: Request, found: _Found, plain: Begun | None) -> Response:
        """The object as it is stored, or unpacked as ``plain``, whose length may not be known."""
        info, body = found.opened.info, plain or found.body
        headers = _facts(found, f"{info.etag}-plain" if plain else info.etag)
        if plain is None:
            headers["Content-Length"] = str(info.size)
        elif plain.is_whole:
            headers["Content-Length"] = str(len(plain.first))
        if found.encoding and not plain:
            headers["Content-Encoding"] = found.encoding
        if request.method == "HEAD":
            body.close()
            body = NOTHING
        return self._sent(body, 200, headers)

    def _sent(self, body: Begun, status: int, facts: dict[str, str]) -> Response:
        return Streamed(body, self._work, status, {**HEADERS, **facts})


def is_plain_key(key: str) -> bool:
    """Whether the key names one object: no empty, ``.`` or ``..`` part, no control character."""
    parts = key.split("/")
    return is_object_key(key) and key.isprintable() and "\\" not in key and not {"", ".", ".."}.intersection(parts)


def _facts(found: _Found, etag: str) -> dict[str, str]:
    info, stored = found.opened.info, found.opened.headers
    media_type = JSON if stored.content_type in UNTYPED and info.key.endswith(".json") else stored.content_type
    return {
        "Content-Type": f"{media_type}; charset=utf-8" if media_type in WITH_CHARSET else media_type,
        "ETag": f'"{etag}"',
        "Last-Modified": http_date(info.modified),
        "Cache-Control": stored.cache_control or cache_control(info.key),
        "Vary": "Accept-Encoding",
        "Accept-Ranges": "none" if found.encoding else "bytes",
    }


def _encoding(opened: OpenObject, first: bytes) -> str | None:
    stored, key = opened.headers.content_encoding, opened.info.key
    forgotten = opened.start == 0 and first[:2] == GZIP_MAGIC and not key.endswith(".gz") and not is_binary(key)
    return stored or ("gzip" if forgotten else None)
