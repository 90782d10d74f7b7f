"""Ping files: compressed bytes to blocks of whole lines, in bounded memory.

The compression is told by the content, whatever the name says: xz, gzip, zstd, lzma (``.lzma``), else plain.
A stream that breaks off or is damaged gives its whole lines up to there, then raises ``DataError``.
"""

import lzma
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard
from isal import isal_zlib

from telemetry_tasks.errors import DataError

Chunks = Callable[[], Iterator[bytes]]
"""Opens a file from its start: each call gives its bytes anew, piece by piece."""

PIECE = 1 << 20
"""Decoded bytes at a time. Measured: 64 KiB costs 12 % more, larger gives nothing."""

CAREFUL_PIECE = 1 << 12
LONGEST_LINE = 16 << 20
MEMORY_LIMIT = 256 << 20
"""Bytes that a decoder may use for its dictionary."""

LARGEST_FILE = 8 << 30
"""Decoded bytes of one file; what claims more is a bomb."""


class _Decoder(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """isal's decoder behind the signature of lzma's: what was not taken yet is kept."""

    def __init__(self) -> None:
        self._inner = isal_zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Zstd:
    """zstandard's decoder; it has no bound for its output, so its input is fed in small bites."""

    BITE = 1 << 14

    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=MEMORY_LIMIT // 2).decompressobj()
        self._left = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._left

    @property
    def needs_input(self) -> bool:
        return not self._left

    def decompress(self, data: bytes, max_length: int) -> bytes:
        data = self._left + data
        out = []
        at, size = 0, 0
        while at < len(data) and size < max_length and not self._inner.eof:
            piece = self._inner.decompress(data[at : at + self.BITE])
            at += self.BITE
            size += len(piece)
            out.append(piece)
        self._left = data[at:]
        return b"".join(out)


def _lzma_alone(head: bytes) -> bool:
    """The rules by which xz tells an .lzma file, since it has no magic number."""
    if len(head) < 13 or head[0] >= 225:
        return False
    dictionary = int.from_bytes(head[1:5], "little")
    size = int.from_bytes(head[5:13], "little")
    plausible = dictionary == 0xFFFFFFFF or dictionary & (dictionary - 1) == 0 or _two_bits(dictionary)
    return dictionary > 0 and plausible and (size == (1 << 64) - 1 or size < 1 << 38)


def _two_bits(number: int) -> bool:
    low = number & -number
    return number == low * 3


def decoder_for(head: bytes) -> Callable[[], _Decoder] | None:
    """A maker of decoders for a file that starts with ``head`` (13 bytes or more), None for plain text."""
    if head.startswith(b"\xfd7zXZ\x00"):
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_LIMIT)
    if head.startswith(b"\x1f\x8b"):
        return _Zlib
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _Zstd
    if _lzma_alone(head):
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_LIMIT)
    return None


def decoded(chunks: Chunks) -> Iterator[bytes]:
    """The file's bytes, decompressed. Raises ``DataError`` after what could be read of a damaged stream."""
    given = 0
    try:
        for piece in _decode(chunks(), PIECE):
            given += len(piece)
            if given > LARGEST_FILE:
                raise DataError("file-too-large", f"more than {LARGEST_FILE} bytes decoded")
            yield piece
        return
    except (lzma.LZMAError, isal_zlib.error, zstandard.ZstdError) as error:
        damage = error
    # A decoder that fails loses what it had decoded in that call: go there again, in small steps.
    try:
        at = 0
        for piece in _decode(chunks(), CAREFUL_PIECE):
            at += len(piece)
            if at > given:
                yield piece[max(0, len(piece) - (at - given)) :]
    except (lzma.LZMAError, isal_zlib.error, zstandard.ZstdError):
        pass  # the same damage again: what could be saved was
    raise DataError("damaged", f"the compressed data cannot be read on: {damage}") from damage


def _decode(chunks: Iterator[bytes], piece: int) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 13:
            break
    make = decoder_for(head)
    if make is None:
        yield head
        yield from chunks
        return
    decoder, waiting = make(), head
    while True:
        out = decoder.decompress(waiting, piece)
        waiting = b""
        if out:
            yield out
        if decoder.eof:
            # further members may follow, as in concatenated files; zeros pad tapes and xz files
            waiting = decoder.unused_data.lstrip(b"\0")
            while len(waiting) < 13 and (chunk := next(chunks, b"")):
                waiting = (waiting + chunk).lstrip(b"\0")
            following = decoder_for(waiting)
            if not waiting:
                return
            if following is None:
                raise DataError("damaged", "something else follows the compressed data")
            decoder = following()
        elif not out or getattr(decoder, "needs_input", True):
            chunk = next(chunks, None)
            if chunk is None:
                if out and not getattr(decoder, "needs_input", True):
                    continue
                raise DataError("truncated", "the compressed data ends before its end mark")
            waiting = chunk


def blocks(chunks: Chunks) -> Iterator[bytes]:
    """Blocks of whole lines, each ending with a newline, but for the file's last line where it lacks one.

    A line longer than ``LONGEST_LINE`` is given cut to one byte more than that, for its reader to refuse.
    """
    open_line: list[bytes] = []
    size = 0
    for piece in decoded(chunks):
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join((*open_line, piece[:end]))
            open_line, size = [], 0
        if size <= LONGEST_LINE and end < len(piece):
            open_line.append(piece[end : end + LONGEST_LINE + 1 - size])
            size += len(open_line[-1])
    if size:
        yield b"".join(open_line)
