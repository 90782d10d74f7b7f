"""The ways in which ping files are packed, chosen for speed: simulated files are many and short-lived."""

import gzip
import lzma
from collections.abc import Callable, Mapping

import zstandard

_LZMA_FILTERS = [{"id": lzma.FILTER_LZMA1, "preset": 0}]


def _lzma(data: bytes) -> bytes:
    return lzma.compress(data, format=lzma.FORMAT_ALONE, filters=_LZMA_FILTERS)


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 4, mtime=0)  # no clock inside: the same pings give the same bytes


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(data)


COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "lzma": _lzma,
    "xz": _xz,
    "gz": _gzip,
    "zst": _zstd,
    "none": lambda data: data,
}
"""By the ending of the file's key; ``none`` has no ending."""
