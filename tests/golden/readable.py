"""Stored bytes as text that a person can compare: compression and packing taken off, one line for a small value."""

import gzip
import json
import zlib
from typing import Any

import msgpack
import zstandard

ZSTD, GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
WIDTH = 120


def readable(body: bytes) -> str:
    """The content of an object: JSON and text as they are, msgpack as JSON, other bytes in hexadecimal."""
    body = _unpacked(body)
    try:
        return _text(json.loads(body))
    except ValueError:
        pass
    try:
        return body.decode("ascii").rstrip("\n")
    except UnicodeDecodeError:
        return _text(_value(body))


def _unpacked(body: bytes) -> bytes:
    try:
        if body.startswith(ZSTD):
            return zstandard.ZstdDecompressor().decompress(body)
        if body.startswith(GZIP):
            return gzip.decompress(body)
    except (zstandard.ZstdError, OSError, EOFError, zlib.error):
        return body
    return body


def _value(value: Any) -> Any:
    """A msgpack value with what is packed inside its bytes."""
    if isinstance(value, bytes):
        inner = _unpacked(value)
        try:
            unpacked = msgpack.unpackb(inner, strict_map_key=False)
        except (msgpack.UnpackException, ValueError):
            return inner.hex()
        return _value(unpacked) if isinstance(unpacked, list | dict) else inner.hex()
    if isinstance(value, dict):
        return {str(name): _value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    return value


def _text(value: Any, indent: str = "") -> str:
    """JSON in lines of bounded length, names in the order in which they are stored."""
    short = json.dumps(value)
    if len(indent) + len(short) <= WIDTH or not value or not isinstance(value, dict | list):
        return short
    deeper = indent + " "
    if isinstance(value, dict):
        inner = [f"{deeper}{json.dumps(name)}: {_text(each, deeper)}" for name, each in value.items()]
        return "{\n" + ",\n".join(inner) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{deeper}{_text(each, deeper)}" for each in value) + f"\n{indent}]"
