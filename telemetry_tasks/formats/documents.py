"""Compressed documents of JSON or text, and the headers under which they are stored: equal values, equal bytes."""

import gzip
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import deflate
import orjson

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.errors import DataError

GZIP_LEVEL = 1
"""libdeflate's level: as small as zlib's level 5, in a third of its time."""

JSON, TEXT = "application/json", "text/plain"
IMMUTABLE = "public, max-age=31536000, immutable"
NO_CACHE = "no-cache"


@dataclass(frozen=True, slots=True)
class Document:
    """Compressed bytes to be stored, and their headers."""

    body: bytes
    content_type: str = JSON
    cache_control: str = IMMUTABLE

    @property
    def facts(self) -> tuple[int, str]:
        """Size in bytes and SHA-256, as manifests list them."""
        return len(self.body), digest_of(self.body)


def json_document(value: object, *, cache_control: str = IMMUTABLE) -> Document:
    """Compact strict JSON, keys sorted."""
    return Document(packed(_dumps(value)), JSON, cache_control)


def text_document(lines: Iterable[str]) -> Document:
    """One line each."""
    return Document(packed("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")), TEXT)


def packed(data: bytes) -> bytes:
    """Compressed; no time and no name inside."""
    return bytes(deflate.gzip_compress(data, GZIP_LEVEL))


def _dumps(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def unpacked(body: bytes) -> bytes:
    """A stored document's bytes, compressed or not. Raises ``ValueError`` if they are damaged."""
    try:
        return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from error


def read_json(body: bytes) -> Any:
    """A stored document's value, compressed or not. Raises ``DataError`` ``bad-document``."""
    try:
        return orjson.loads(unpacked(body))
    except ValueError as error:
        raise DataError("bad-document", str(error)) from error


def read_lines(body: bytes) -> list[str]:
    """A stored list's lines. Raises ``DataError`` ``bad-document``."""
    try:
        return unpacked(body).decode().splitlines()
    except ValueError as error:
        raise DataError("bad-document", str(error)) from error
