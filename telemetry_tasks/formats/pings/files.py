"""Ping files: compressed bytes to blocks of whole lines, in bounded memory.

The compression is detected from the content, not from the name: xz, gzip, zstd, lzma (``.lzma``), else plain.
Newlines, carriage returns and zeros after compressed data are skipped: tools and transfers add them.
A truncated or damaged stream gives its whole lines up to that point, then raises ``DataError``.
"""

from collections.abc import Callable, Iterator

from isal import isal_zlib

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.errors import DamagedObject, DataError
from telemetry_tasks.formats.pings.compression import (
    DAMAGES,
    HEAD,
    Broken,
    check_window,
    decoder_for,
    fault_of,
    together,
)

Chunks = Callable[[], Iterator[bytes]]
"""Opens a file: each call gives its bytes from the start, piece by piece."""

PIECE = 1 << 20
"""Decoded bytes at a time. Measured: 64 KiB costs 12 % more, larger gives nothing."""

CAREFUL_PIECE = 1 << 12
LONGEST_LINE = Limits().line_bytes
"""Default for the most bytes of a line."""

LARGEST_FILE = Limits().file_bytes
"""Default for the most decoded bytes of one file, against decompression bombs."""


FIRST_SLICE = 1 << 12
"""Bytes first given to the decoder of a member that is not the first; then twice as many, and so on."""

PADDING = b"\0\r\n"
"""Bytes that tools and transfers leave after compressed data."""

_WHOLE = 1 << 62
"""A slice of everything there is."""


class _Watched:
    """Pieces of a file, with a checksum to compare two readings of it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._size, self._crc = pieces, 0, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._size += len(piece)
        self._crc = isal_zlib.crc32(piece, self._crc)
        return piece

    def fingerprint(self) -> tuple[int, int]:
        """Size and CRC of the whole file. Reads the rest, so that a store that knows a digest reports damage."""
        for _ in self:
            pass
        return self._size, self._crc


def decoded(chunks: Chunks, largest: int = LARGEST_FILE) -> Iterator[bytes]:
    """The file's bytes, decompressed: at most ``largest``.

    Raises ``DataError`` after the readable part of a damaged or larger stream; ``DamagedObject`` if it
    was damaged in transit: a second reading gave different bytes.
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
    except (Broken, *DAMAGES) as error:
        cause = error
    fingerprint, again = first.fingerprint(), _Watched(chunks())
    # A decoder that fails loses what it decoded in that call: decode that part again, in small steps.
    if not isinstance(cause, Broken):
        try:
            at = 0
            for piece in _decode(again, CAREFUL_PIECE):
                at += len(piece)
                if at > given:
                    yield piece[max(0, len(piece) - (at - given)) :]
        except (Broken, *DAMAGES):
            pass  # the same damage again: everything readable was given
    if again.fingerprint() != fingerprint:
        raise DamagedObject("the file gave other bytes when it was read again") from cause
    raise fault_of(cause) from cause


def _decode(chunks: Iterator[bytes], piece: int) -> Iterator[bytes]:
    source = _Source(chunks)
    make = decoder_for(source.head())
    if make is None:
        while plain := source.take():
            yield plain
        return
    check_window(source.head())
    decoder, waiting = make(), source.take(together(source.head()))
    while True:
        out = decoder.decompress(waiting, piece)
        waiting = b""
        if out:
            yield out
        if decoder.eof:
            source.end_member(decoder.unused_data)
            if not decoder_for(source.head()):
                source.skip(PADDING)
            head = source.head()
            if not head:
                return
            following = decoder_for(head)
            if following is None:
                raise Broken("damaged", "something else follows the compressed data")
            check_window(head)
            decoder, waiting = following(), source.take(together(head))
        elif decoder.needs_input:
            waiting = source.take()
            if not waiting and not out:
                raise Broken("truncated", "the compressed data ends before its end mark")


class _Source:
    """Bytes of a file that no decoder has consumed yet.

    A decoder gives back the bytes after the end of its member. A file may have many small members: those after
    the first are given small slices, which grow, so that they do not give back the whole rest each time.
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
        """The next bytes, none at the end; at least ``least`` if there are as many."""
        while len(self._held) - self._at < together and self._more():
            pass
        self._slice = max(self._slice, together)
        begin, self._at = self._at, min(len(self._held), self._at + self._slice)
        self._slice = min(2 * self._slice, _WHOLE)
        return self._held[begin : self._at]

    def end_member(self, unused: bytes) -> None:
        """Takes back the end of what was taken last. Skips zeros: they pad tapes and xz files."""
        if len(unused) <= self._at:
            self._at -= len(unused)
        else:
            self._held, self._at = unused + self._held[self._at :], 0
        self._slice = FIRST_SLICE
        self.skip(b"\0")

    def skip(self, padding: bytes) -> None:
        """Skips any number of the bytes in ``padding``."""
        while self._at < len(self._held) or self._more():
            part = self._held[self._at : self._at + FIRST_SLICE]
            rest = part.lstrip(padding)
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
    """Blocks of whole lines, each ending with a newline, except a last line of the file that lacks one.

    A line longer than ``longest`` is cut to one byte more than that, for its reader to reject;
    a file of more than ``largest`` bytes ends with ``DataError``.
    A line that spans two decoded pieces is a block of its own, so that the others need not be copied.
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
