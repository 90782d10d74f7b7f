"""Results in files: read whole, written in one step."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.pings.files import PIECE, blocks
from telemetry_tasks.formats.pings.foreign import foreign_content

STANDARD = Path("-")
"""A file name that means standard input or output."""

IN_MEMORY = 64 << 20
"""Bytes of standard input that are kept in memory; more go to a temporary file."""

LONGEST_LINE = 1 << 40
"""A line holds all populations of a measure: it may be of any length."""


def beside(output: Path) -> AbstractContextManager[Any]:
    """Where what is printed goes while a result is written to ``output``: not into the result."""
    return redirect_stdout(sys.stderr) if output == STANDARD else nullcontext()


def read_result(path: Path) -> Result:
    """The result in the file. Raises ``OperatorError``; ``DataError`` where it is no result, or cut off."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return partial.decode(data)
    except DataError as error:
        raise DataError(error.reason, f"{path}: {error.detail}") from error


def told_settings(result: Result) -> dict[str, object]:
    """With which settings its pings were read: lines ``name=value``, for the limits a list of lines for each."""
    return {"reading": result.reading.splitlines(), "limits": [each.splitlines() for each in result.limits]}


def write_result(path: Path, result: Result) -> int:
    """Writes the result, whole or not at all; gives its size in bytes."""
    data = partial.encode(result)
    with written(path) as file:
        file.write(data)
    return len(data)


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which takes its place when the block ends well; ``-`` is standard output.

    A device or a pipe, such as ``/dev/null``, is written into, and what a link points to is replaced, not the link.
    """
    if path == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
        else:
            with _replaced(Path(os.path.realpath(path))) as file:
                yield file
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}: choose another place with -o") from error


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    """A new file beside the old one, put in its place at the end. Raises ``OSError``."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            yield file
        new.replace(path)
    finally:
        if new.exists():  # not on a disk that takes none: to remove what is not there fails on it too
            new.unlink()


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
    """The lines without their ends; notes in ``foreign`` what the file is where it does not begin as text does."""

    def chunks() -> Iterator[bytes]:
        file.seek(0)
        yield from iter(lambda: file.read(PIECE), b"")

    first = True
    try:
        for block in blocks(chunks, LONGEST_LINE):
            if first and (what := foreign_content(block)):
                foreign.append(what)
            first = False
            yield from bytes(block).removesuffix(b"\n").split(b"\n")
    except DataError as error:
        raise DataError("bad-text", f"{path}: {error}") from error
