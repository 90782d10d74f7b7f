"""Detects the compression of a file from its first bytes, and gives a decoder with bounded memory."""

import lzma
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from backports import zstd
from isal import igzip_lib

from telemetry_tasks.errors import DataError

MEMORY_LIMIT = 256 << 20
"""The most bytes of a decoder's dictionary."""

ZSTD_WINDOW_LOG = 27
"""The same for zstd: windows up to 2²⁷ bytes, as ``zstd --long`` makes."""


class Decoder(Protocol):
    """The interface that the decoders of all three libraries share: output is bounded, the rest is kept."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


HEAD = 18
"""Bytes needed to detect the compression and the size of zstd's window."""

LONGEST_HEADER = 1 << 17
"""The most bytes of a gzip header with several fields, which isal does not read in pieces."""

DAMAGES: tuple[Any, ...] = (lzma.LZMAError, igzip_lib.error, zstd.ZstdError, EOFError)


def _lzma_alone(head: bytes) -> bool:
    """Detects an .lzma file by the rules of xz, since it has no magic number."""
    if len(head) < 13 or head[0] >= 225:
        return False
    dictionary = int.from_bytes(head[1:5], "little")
    size = int.from_bytes(head[5:13], "little")
    plausible = dictionary == 0xFFFFFFFF or dictionary & (dictionary - 1) == 0 or _two_bits(dictionary)
    return dictionary > 0 and plausible and (size == (1 << 64) - 1 or size < 1 << 38)


def _two_bits(number: int) -> bool:
    low = number & -number
    return number == low * 3


_DECODERS: Mapping[str, Callable[[], Decoder]] = {
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_LIMIT),
    "gzip": lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP),
    "zstd": lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}),
    "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_LIMIT),
}


def compression_of(head: bytes) -> str | None:
    """The compression of a file that starts with ``head`` (13 bytes or more), None for plain text and anything else."""
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd") or _skippable(head):
        return "zstd"
    return "lzma" if _lzma_alone(head) else None


def decoder_for(head: bytes) -> Callable[[], Decoder] | None:
    """A maker of decoders for a file that starts with ``head``, None for plain text. See ``compression_of``."""
    name = compression_of(head)
    return _DECODERS[name] if name else None


def check_window(head: bytes) -> None:
    """Rejects a zstd frame with too large a window; its decoder's error does not give the size."""
    window = _zstd_window(head) if compression_of(head) == "zstd" and not _skippable(head) else 0
    if window > 1 << ZSTD_WINDOW_LOG:
        sizes = f"a window of {window >> 20} MiB, at most {1 << ZSTD_WINDOW_LOG - 20} MiB are read"
        raise Broken("window-too-large", f"{sizes}: pack the file with zstd --long={ZSTD_WINDOW_LOG} or without --long")


def _zstd_window(head: bytes) -> int:
    """Bytes of the window of a zstd frame (RFC 8878, 3.1.1.1), 0 if ``head`` is too short."""
    descriptor, sizes = head[4:5], (0, 1, 2, 4)
    if not descriptor:
        return 0
    flags = descriptor[0]
    if not flags & 0x20:
        base = 1 << (10 + (head[5] >> 3)) if len(head) > 5 else 0
        return base + base // 8 * (head[5] & 7) if base else 0
    begin = 5 + sizes[flags & 3]  # single segment: its size is the window
    size = (1, 2, 4, 8)[flags >> 6]
    return int.from_bytes(head[begin : begin + size], "little") + (256 if size == 2 else 0)


def fault_of(error: Exception) -> DataError:
    """The error for data that a decoder rejected."""
    if isinstance(error, Broken):
        return DataError(error.reason, error.detail)
    if "Memory usage limit" in str(error):
        return DataError(
            "window-too-large", f"decoding needs more than {MEMORY_LIMIT >> 20} MiB: use a smaller dictionary"
        )
    return DataError("damaged", f"the compressed data cannot be read on: {error}")


def _skippable(head: bytes) -> bool:
    """Whether it is a zstd frame without data, as pzstd and the seekable format write."""
    return head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50


def together(head: bytes) -> int:
    """How many bytes of a member that starts with ``head`` its decoder needs at once, if there are as many."""
    fields = head[3] & 0b11110 if head.startswith(b"\x1f\x8b") and len(head) > 3 else 0
    return 1 if fields in (0, 0b100, 0b1000, 0b10000) else LONGEST_HEADER  # none, or one, and not the header's CRC


class Broken(DataError):
    """An incomplete or invalid file that no decoder reports."""
