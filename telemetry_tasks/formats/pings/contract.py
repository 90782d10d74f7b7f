"""What a ping format brings. Everything above it asks the format, and knows nothing of its keys and its pings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.rows import Row
from telemetry_tasks.errors import DataError


@dataclass(frozen=True, slots=True)
class FileKey:
    """What the key of a ping file says about its pings. A format's own class adds what its scanner needs.

    ``channel_version`` is what everything is grouped by, as in ``nightly/28``. ``day``, the day of submission, and
    ``build_date`` are ``YYYYMMDD``, or empty if the key does not name them: reprocessing by date then looks into the
    results, and the health page counts the file under ``unknown``.
    """

    channel_version: str
    day: str
    build_date: str


class Scanner(Protocol):
    """Adds pings to the accumulator it was made for. Not thread-safe."""

    def scan(self, key: Any, block: bytes | memoryview, counts: LineCounts) -> None:
        """Adds every line of ``block`` that is a ping, and counts all of them.

        ``key`` is the ``FileKey`` that the same format made. A ping may add to several rows.
        """
        ...


@dataclass(frozen=True, slots=True)
class DefinitionFile:
    """The definitions of one revision by name, and for each skipped one the reason.

    ``digest`` is the SHA-256 of the file's bytes.
    """

    definitions: Mapping[str, Definition]
    left_out: Mapping[str, str]
    digest: str


class PingFormat(Protocol):
    """One kind of ping: what its files' keys mean, which rows its pings add to, and what defines its measures.

    A class of this kind is called with the dimensions and the fallback revision of the settings. Change ``version`` if
    the code gives a ping a different row or different numbers: everything counted before must be reprocessed then.
    ``dimensions`` are the names in the order of the filter tree; each row has an option for each.
    ``key_pattern`` tells people how keys look, as in ``CHANNEL/VERSION/DAY.log``; without ``--root``, commands take as
    many of the last parts of a path as the key.
    """

    name: str
    version: int
    dimensions: tuple[str, ...]
    key_pattern: str

    def key(self, key: str) -> FileKey:
        """What a file's key says about its pings. Raises ``DataError`` if the file cannot be used."""
        ...

    def scanner(self, accumulator: Accumulator, limits: Limits, kernel: str) -> Scanner:
        """A scanner that adds to ``accumulator``, using ``kernel`` if it has several (``formats.kernels``)."""
        ...

    def definitions(self, body: bytes, constants: Mapping[str, int]) -> DefinitionFile:
        """Reads a file of definitions. An invalid one is skipped, and the others are used.

        ``constants`` are the values of names in expressions. Raises ``DataError`` if the file cannot be read at all.
        """
        ...


MEMBERS = ("name", "version", "dimensions", "key_pattern", "key", "scanner", "definitions")
"""What every format has."""


def checked_row(row: Row, day: str, dimensions: int, limits: Limits) -> Row:
    """``row`` itself, the row of a ping that was submitted on ``day`` (empty: not known).

    Every scanner passes its rows through this. Raises ``DataError`` if the dates or the options are beyond the limits,
    or if there are not as many options as ``dimensions``.
    """
    if len(row.dimensions) != dimensions:  # a bug in a deployment's own format
        raise DataError("wrong-number-of-dimensions")
    if limits.checks_rows:
        fault = limits.row_fault(row.build_date, day, row.dimensions)
        if fault:
            raise DataError(fault)
    return row
