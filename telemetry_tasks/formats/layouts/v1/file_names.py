"""``FILES_PROCESSED`` and ``FILES_MISSING``: the ping files of a snapshot, a key a line; of missing ones with a reason.

A control character or line end in a key is written as in Python, ``\\n``, so that every line is one file.
"""

import re
from collections.abc import Iterable

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, read_lines, text_document

PROCESSED, MISSING = "FILES_PROCESSED", "FILES_MISSING"

_NOT_IN_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def processed_document(keys: Iterable[str]) -> Document:
    """The files that count."""
    return text_document(_line(key) for key in sorted(keys))


def missing_document(files: Iterable[tuple[str, str]]) -> Document:
    """The files that do not, each with its reason."""
    return text_document(f"{_line(key)}\t{_line(reason)}" for key, reason in sorted(files))


def read_processed(body: bytes) -> list[str]:
    """The keys as they are written. Raises ``DataError`` ``bad-document``."""
    return read_lines(body)


def read_missing(body: bytes) -> dict[str, str]:
    """The reason of each key, as they are written. Raises ``DataError`` ``bad-document``, ``bad-missing``."""
    lines = [line.split("\t") for line in read_lines(body)]
    if any(len(line) != 2 for line in lines):
        raise DataError("bad-missing", "a line is not a key and a reason")
    return {line[0]: line[1] for line in lines}


def _line(text: str) -> str:
    return _NOT_IN_LINES.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
