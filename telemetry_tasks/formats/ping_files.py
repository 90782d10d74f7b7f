"""Ping files: compressed bytes to blocks of whole lines, in bounded memory.

The compression is told by the content, whatever the name says: xz, gzip, zstd, lzma (``.lzma``), else plain.
A stream that breaks off or is damaged gives its whole lines up to there, then raises ``DataError``.
"""

import lzma
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from backports import zstd
from isal import igzip_lib, isal_zlib

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.errors import DamagedObject, DataError

Chunks = Callable[[], Iterator[bytes]]
"""Opens a file from its start: each call gives its bytes anew, piece by piece."""

PIECE = 1 << 20
"""Decoded bytes at a time. Measured: 64 KiB costs 12 % more, larger gives nothing."""

CAREFUL_PIECE = 1 << 12
LONGEST_LINE = Limits().line_bytes
"""Bytes of a line, where nothing else is said."""

MEMORY_LIMIT = 256 << 20
"""Bytes that a decoder may use for its dictionary."""

ZSTD_WINDOW_LOG = 27
"""The same in zstd's terms: windows up to 2²⁷ bytes, what ``zstd --long`` makes."""

LARGEST_FILE = Limits().file_bytes
"""Decoded bytes of one file, where nothing else is said; what claims more is a bomb."""


class _Decoder(Protocol):
    """The signature that the decoders of all three libraries share: output is bounded, the rest is kept."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


HEAD = 13
"""Bytes that tell the compression."""

DAMAGES: tuple[Any, ...] = (lzma.LZMAError, igzip_lib.error, zstd.ZstdError, EOFError)


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
        return lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
    if _lzma_alone(head):
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_LIMIT)
    return None


class _Broken(DataError):
    """Data that no decoder complains of, and that are not a whole file."""


class _Watched:
    """Pieces of a file, and what tells whether two readings of it gave the same bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._size, self._crc = pieces, 0, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._size += len(piece)
        self._crc = isal_zlib.crc32(piece, self._crc)
        return piece

    def mark(self) -> tuple[int, int]:
        """Size and CRC of the whole file. Its rest is read: a store that knows a digest says now what is wrong."""
        for _ in self:
            pass
        return self._size, self._crc


def decoded(chunks: Chunks, largest: int = LARGEST_FILE) -> Iterator[bytes]:
    """The file's bytes, decompressed. Raises ``DataError`` after what could be read of a damaged stream.

    ``DamagedObject`` where it was damaged on the way: a second reading gave other bytes.
    """
    given = 0
    first = _Watched(chunks())
    cause: Exception
    try:
        for piece in _decode(first, PIECE):
            given += len(piece)
            if given > largest:
                raise DataError("file-too-large", f"more than {largest} bytes decoded")
            yield piece
        return
    except _Broken as error:
        fault, cause = DataError(error.reason, error.detail), error
    except DAMAGES as error:
        fault, cause = DataError("damaged", f"the compressed data cannot be read on: {error}"), error
    mark, again = first.mark(), _Watched(chunks())
    # A decoder that fails loses what it had decoded in that call: go there again, in small steps.
    if not isinstance(cause, _Broken):
        try:
            at = 0
            for piece in _decode(again, CAREFUL_PIECE):
                at += len(piece)
                if at > given:
                    yield piece[max(0, len(piece) - (at - given)) :]
        except (_Broken, *DAMAGES):
            pass  # the same damage again: what could be saved was
    if again.mark() != mark:
        raise DamagedObject("the file gave other bytes when it was read again") from cause
    raise fault from cause


def _decode(chunks: Iterator[bytes], piece: int) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
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
            waiting = _next_member(decoder.unused_data, chunks)
            following = decoder_for(waiting)
            if not waiting:
                return
            if following is None:
                raise _Broken("damaged", "something else follows the compressed data")
            decoder = following()
        elif decoder.needs_input:
            further = next(chunks, None)
            if further is not None:
                waiting = further
            elif not out:
                raise _Broken("truncated", "the compressed data ends before its end mark")


def _next_member(waiting: bytes, chunks: Iterator[bytes]) -> bytes:
    """The start of what follows a member, as in concatenated files; zeros pad tapes and xz files."""
    waiting = waiting.lstrip(b"\0")
    for chunk in chunks:
        if len(waiting) >= HEAD:
            return waiting + chunk
        waiting = (waiting + chunk).lstrip(b"\0")
    return waiting


Block = bytes | memoryview


def blocks(chunks: Chunks, longest: int = LONGEST_LINE, largest: int = LARGEST_FILE) -> Iterator[Block]:
    """Blocks of whole lines, each ending with a newline, but for the file's last line where it lacks one.

    A line longer than ``longest`` is given cut to one byte more than that, for its reader to refuse;
    a file of more than ``largest`` bytes ends with ``DataError``.
    A line that was cut by the pieces of decoding is a block of its own: the others need not be copied.
    """
    open_line: list[bytes] = []
    size = 0
    for piece in decoded(chunks, largest):
        begin, end = 0, piece.rfind(b"\n") + 1
        if end and size:
            begin = piece.index(b"\n") + 1
            open_line.append(piece[: max(0, min(begin, longest + 1 - size))])
            yield b"".join(open_line)
            open_line, size = [], 0
        if begin < end:
            yield memoryview(piece)[begin:end]
        if size <= longest and end < len(piece):
            open_line.append(piece[end : end + longest + 1 - size])
            size += len(open_line[-1])
    if size:
        yield b"".join(open_line)
