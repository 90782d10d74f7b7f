"""Texts of results, read line by line and unpacked."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO

from telemetry_tasks.cli.result_files import STANDARD
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats.pings.files import PIECE, blocks, decoded
from telemetry_tasks.formats.pings.foreign import foreign_content

IN_MEMORY = 64 << 20
"""Bytes of standard input that are kept in memory; more go to a temporary file."""

LONGEST_LINE = 1 << 40
"""A line holds all populations of a measure: it may be of any length."""


@contextmanager
def opened_text(path: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a text, unpacked whatever its name: gzip, xz, zstd and lzma; ``-`` is standard input.

    What the block raises of a text that is packed otherwise, or is something else, says what it is.
    """
    foreign: list[DataError] = []
    try:
        with _opened(path) as file:
            yield _lines(file, path, foreign)
    except DataError as error:
        if foreign:
            raise DataError("bad-text", f"{path}: {foreign[0].detail}") from error
        raise
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, or a copy of standard input that can be read again."""
    if path != STANDARD:
        with path.open("rb") as file:
            yield file
        return
    with SpooledTemporaryFile(IN_MEMORY) as copy:
        copyfileobj(sys.stdin.buffer, copy)
        yield copy


def _lines(file: IO[bytes], path: Path, foreign: list[DataError]) -> Iterator[bytes]:
    """The lines without line ends; notes in ``foreign`` what the file is if it does not begin like text."""

    def chunks() -> Iterator[bytes]:
        file.seek(0)
        yield from iter(lambda: file.read(PIECE), b"")

    try:
        if what := foreign_content(next(decoded(chunks), b"")):
            foreign.append(what)
        for block in blocks(chunks, LONGEST_LINE):
            yield from bytes(block).removesuffix(b"\n").split(b"\n")
    except DataError as error:
        raise DataError("bad-text", f"{path}: {error}") from error
