"""Detects from its first bytes what a file without a single good line holds instead of pings.

It only gives the reason: the lines are read first, since text may begin with any signature.
"""

import base64
import binascii
import re
from collections.abc import Mapping

from telemetry_tasks.core.limits import DATE_LIMITS
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.compression import compression_of
from telemetry_tasks.formats.pings.files import Block

LOOK = 512
"""Bytes of a file's beginning needed to detect its type."""

UNKNOWN_COMPRESSION = "unknown-compression"
NOT_PINGS = "not-a-ping-file"
NO_GOOD_LINE = "no-good-line"

_COMPRESSED: Mapping[bytes, str] = {
    **{b"BZh%d" % level: "bzip2" for level in range(1, 10)},
    b"\x04\x22\x4d\x18": "lz4",
    b"\x02\x21\x4c\x18": "lz4",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"PK\x07\x08": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"LZIP": "lzip",
    b"\x89LZO\x00\r\n\x1a\n": "lzop",
    b"\x1f\x9d": "compress (.Z)",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"\x78\x01": "zlib",
    b"\x78\x5e": "zlib",
    b"\x78\x9c": "zlib",
    b"\x78\xda": "zlib",
    **{bytes([number]) + b"\xb5\x2f\xfd": "zstd of before version 0.8" for number in (0x1E, *range(0x22, 0x28))},
}

_OTHER: Mapping[bytes, str] = {
    b"PAR1": "a Parquet file",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"%PDF-": "a PDF document",
    b"SQLite format 3\0": "a SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}

_S3_ERROR = re.compile(rb"<Error>\s*<Code>\s*(\w{1,60})")


def foreign_content(first: Block) -> DataError | None:
    """The type of a file that begins with ``first``, ``LOOK`` bytes or more after decompression; None for text."""
    head = bytes(first[:LOOK])
    name = _compression(head)
    if name:
        return DataError(UNKNOWN_COMPRESSION, f"the content is {name}: unpack it, or pack it as xz, gzip, zstd or lzma")
    what = _other(head)
    if what:
        return DataError(NOT_PINGS, f"the content is {what}: replace the file")
    if bytes(first[-1:]) != b"\n" and b"\r" in (text := bytes(first)) and b"\n" not in text:
        return DataError(NO_GOOD_LINE, "lines end with a carriage return alone: end them with a newline")
    return None


def no_good_line(foreign: DataError | None, bad: Mapping[str, int]) -> str | None:
    """Why a file has no good line; None if nothing is wrong with it.

    Pings that are refused for their dates alone are pings: their file is valid.
    """
    if not bad or not DATE_LIMITS.isdisjoint(bad):
        return None
    if foreign is not None:
        return str(foreign)
    reason, _ = max(bad.items(), key=lambda each: (each[1], each[0]))
    return str(DataError(NO_GOOD_LINE, f"{sum(bad.values())} bad lines, most of them {reason}"))


def _compression(head: bytes) -> str | None:
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            return name
    twice = compression_of(head)
    if twice:
        return f"{twice}, packed twice"
    inside = _of_base64(head)
    return f"{inside} in base64" if inside else None


def _of_base64(head: bytes) -> str | None:
    text = b"".join(head.split())
    try:
        decoded = base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except binascii.Error:
        return None
    known = (name for magic, name in _COMPRESSED.items() if decoded.startswith(magic))
    return compression_of(decoded) or next(known, None)


def _other(head: bytes) -> str | None:
    for magic, name in _OTHER.items():
        if head.startswith(magic):
            return name
    if head[257:262] == b"ustar":
        return "a tar archive"
    if _is_heka(head):
        return "a Heka log"
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if start.startswith((b"<?xml", b"<error>")):
        error = _S3_ERROR.search(head)
        return f"an error of S3 ({error[1].decode()})" if error else "an XML document"
    return None


def _is_heka(head: bytes) -> bool:
    """A record separator, the length of a header, the header, a unit separator."""
    return len(head) > 3 and head[0] == 0x1E and head[2] == 0x08 and head[2 + head[1] : 3 + head[1]] == b"\x1f"
