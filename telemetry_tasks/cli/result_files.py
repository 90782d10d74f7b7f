"""Results in files: read whole, written in one step."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import IO, Any

from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats import partial

STANDARD = Path("-")
"""A file name that means standard input or output."""


def beside(output: Path) -> AbstractContextManager[Any]:
    """The stream for messages while a result is written to ``output``: they must not go into the result."""
    return redirect_stdout(sys.stderr) if output == STANDARD else nullcontext()


def read_result(path: Path) -> Result:
    """The result in the file. Raises ``OperatorError``; ``DataError`` if it is not a result, or truncated."""
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
