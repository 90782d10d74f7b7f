"""Results in files: read whole, written in one step."""

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats import partial

STANDARD = Path("-")
"""A file name that means standard input or output."""


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


def write_result(path: Path, result: Result) -> int:
    """Writes the result, whole or not at all; gives its size in bytes."""
    data = partial.encode(result)
    with written(path) as file:
        file.write(data)
    return len(data)


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which takes its place when the block ends well; ``-`` is standard output."""
    if path == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            yield file
        new.replace(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}: choose another place with -o") from error
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def opened_text(path: Path) -> Iterator[IO[str]]:
    """The lines of a text, unpacked where its name ends in ``.gz``; ``-`` is standard input."""
    if path == STANDARD:
        yield sys.stdin
        return
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield file
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise DataError("bad-text", f"{path}: {error}") from error
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
