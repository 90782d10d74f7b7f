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

FIRST_SLICE = 1 << 12
"""Bytes that the decoder of a member that follows another is given first, then twice as many, and so on."""

_WHOLE = 1 << 62
"""A slice that is as much as there is."""

LONGEST_HEADER = 1 << 17
"""Bytes of a gzip header of several fields, which isal does not read in pieces."""

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
    if head.startswith(b"\x28\xb5\x2f\xfd") or _skippable(head):
        return lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
    if _lzma_alone(head):
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_LIMIT)
    return None


def _skippable(head: bytes) -> bool:
    """Whether it is a zstd frame that holds no data, such as those of pzstd and of the seekable format."""
    return head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50


def _together(head: bytes) -> int:
    """How many bytes of a member that starts with ``head`` its decoder needs at once, where there are so many."""
    fields = head[3] & 0b11110 if head.startswith(b"\x1f\x8b") and len(head) > 3 else 0
    return 1 if fields in (0, 0b100, 0b1000, 0b10000) else LONGEST_HEADER  # none, or one, and not the header's CRC


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
    """The file's bytes, decompressed, up to exactly ``largest`` of them however they arrive.

    Raises ``DataError`` after what could be read of a damaged stream, or of a larger one; ``DamagedObject`` where it
    was damaged on the way: a second reading gave other bytes.
    """
    given = 0
    for piece in _read(chunks):
        if given + len(piece) > largest:
            yield piece[: largest - given]
            raise DataError("file-too-large", f"more than {largest} bytes decoded")
        given += len(piece)
        yield piece


def _read(chunks: Chunks) -> Iterator[bytes]:
    given = 0
    first = _Watched(chunks())
    cause: Exception
    try:
        for piece in _decode(first, PIECE):
            given += len(piece)
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
    source = _Source(chunks)
    make = decoder_for(source.head())
    if make is None:
        while plain := source.take():
            yield plain
        return
    decoder, waiting = make(), source.take(_together(source.head()))
    while True:
        out = decoder.decompress(waiting, piece)
        waiting = b""
        if out:
            yield out
        if decoder.eof:
            source.end_member(decoder.unused_data)
            head = source.head()
            if not head:
                return
            following = decoder_for(head)
            if following is None:
                raise _Broken("damaged", "something else follows the compressed data")
            decoder, waiting = following(), source.take(_together(head))
        elif decoder.needs_input:
            waiting = source.take()
            if not waiting and not out:
                raise _Broken("truncated", "the compressed data ends before its end mark")


class _Source:
    """Bytes of a file that no decoder has used yet.

    A decoder gives back what it was given beyond the end of its member. A file may be many small members: so that
    each does not pass on all that follows, those after the first are given small slices, which grow.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held, self._at, self._slice = b"", 0, _WHOLE

    def head(self) -> bytes:
        """The next ``HEAD`` bytes, fewer at the end."""
        while len(self._held) - self._at < HEAD and self._more():
            pass
        return self._held[self._at : self._at + HEAD]

    def take(self, together: int = 1) -> bytes:
        """The next bytes, none at the end; at least so many where there are."""
        while len(self._held) - self._at < together and self._more():
            pass
        self._slice = max(self._slice, together)
        begin, self._at = self._at, min(len(self._held), self._at + self._slice)
        self._slice = min(2 * self._slice, _WHOLE)
        return self._held[begin : self._at]

    def end_member(self, unused: bytes) -> None:
        """Takes back the end of what was taken last. Zeros are passed over: they pad tapes and xz files."""
        if len(unused) <= self._at:
            self._at -= len(unused)
        else:
            self._held, self._at = unused + self._held[self._at :], 0
        self._slice = FIRST_SLICE
        while self._at < len(self._held) or self._more():
            part = self._held[self._at : self._at + FIRST_SLICE]
            rest = part.lstrip(b"\0")
            self._at += len(part) - len(rest)
            if rest:
                return

    def _more(self) -> bool:
        for chunk in self._chunks:
            if chunk:
                self._held, self._at = self._held[self._at :] + chunk, 0
                return True
        return False


Block = bytes | memoryview


def blocks(chunks: Chunks, longest: int = LONGEST_LINE, largest: int = LARGEST_FILE) -> Iterator[Block]:
    """Blocks of whole lines, each ending with a newline, but for the file's last line where it lacks one.

    A line longer than ``longest`` is given cut to one byte more than that, for its reader to refuse;
    a file of more than ``largest`` bytes ends with ``DataError``.
    A line that was cut by the pieces of decoding is a block of its own: the others need not be copied.
    """
    open_line = bytearray()  # one: pieces may be a byte or two each
    for piece in decoded(chunks, largest):
        begin, end = 0, piece.rfind(b"\n") + 1
        if end and open_line:
            begin = piece.index(b"\n") + 1
            open_line += piece[: max(0, min(begin, longest + 1 - len(open_line)))]
            yield bytes(open_line)
            open_line = bytearray()
        if begin < end:
            yield memoryview(piece)[begin:end]
        if len(open_line) <= longest and end < len(piece):
            open_line += piece[end : end + longest + 1 - len(open_line)]
    if open_line:
        yield bytes(open_line)
