"""What the page's server answers, as values: no sockets here, so that every rule is a plain function.

A body that is kept compressed goes out as it is to a client that accepts gzip, and unpacked to one that does
not; the two are told apart by their ETags.
"""

import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from telemetry_tasks.errors import InfrastructureError

GZIP_MAGIC = b"\x1f\x8b"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
CROSS_ORIGIN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Encoding, Content-Length, Last-Modified",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT_HEADERS = {
    **CROSS_ORIGIN_HEADERS,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_ACCEPTED_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<q>[01](?:\.\d*)?)\s*)?(?=,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` is decoded, without query; ``headers`` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` without Content-Length and the server's own."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Content:
    """One thing to serve: ``etag`` without quotes, ``encoding`` None or "gzip"."""

    body: bytes
    etag: str
    content_type: str
    cache_control: str
    encoding: str | None = None


def text(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A short answer in words."""
    return Answer(
        status,
        {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", **(headers or {})},
        f"{message}\n".encode(),
    )


def accepts_gzip(request: Request) -> bool:
    """Whether the client takes gzip, weights honoured. A client that names no encoding does not."""
    found = _ACCEPTED_GZIP.search(request.headers.get("accept-encoding", ""))
    return found is not None and float(found["q"] or 1) > 0


def held_tag(request: Request, etag: str) -> str | None:
    """The quoted tag under which the client holds the body that it would be sent now; ``etag`` as stored."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return None
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    if "*" in tags:
        return f'"{etag}"'
    candidates = (f'"{etag}"',) if accepts_gzip(request) else (f'"{etag}-plain"', f'"{etag}"')
    return next((tag for tag in candidates if tag in tags), None)


def not_modified(tag: str, cache_control: str, headers: Mapping[str, str]) -> Answer:
    """304, with the headers that a 200 would have had for caches."""
    return Answer(304, {"ETag": tag, "Cache-Control": cache_control, "Vary": "Accept-Encoding", **headers})


def whole(content: Content, request: Request, headers: Mapping[str, str]) -> Answer:
    """200 with the body in a form that the client can read.

    Raises ``InfrastructureError`` when a body that has to be unpacked is damaged.
    """
    gzipped = content.encoding == "gzip"
    packed = gzipped and accepts_gzip(request)
    body = content.body if packed or not gzipped else _unpacked(content.body)
    encoding = {"Content-Encoding": "gzip"} if packed else {}
    if content.encoding and not gzipped:
        encoding = {"Content-Encoding": content.encoding}
    etag = f'"{content.etag}-plain"' if gzipped and not packed else f'"{content.etag}"'
    return Answer(
        200,
        {
            "Content-Type": content.content_type,
            **encoding,
            "ETag": etag,
            "Cache-Control": content.cache_control,
            "Vary": "Accept-Encoding",
            "Accept-Ranges": "none",
            **headers,
        },
        body,
    )


def _unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise InfrastructureError(f"a stored body cannot be unpacked: {error}") from error
