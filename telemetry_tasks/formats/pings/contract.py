"""The interface of a ping format."""

from collections.abc import Mapping
from typing import Protocol

from telemetry_tasks.core.rows import Row
from telemetry_tasks.formats.pings.keys import PingKey


class PingFormat(Protocol):
    """How one kind of ping is read. ``info``, ``histograms`` and ``measurements`` name top-level members.

    ``info_fields`` are all members of ``info`` that ``row`` reads: pings of one file that have equal
    ones have the same row. Change ``version`` if the code gives a ping a different row or different numbers:
    everything counted before must be reprocessed then.
    """

    name: str
    version: int
    dimensions: tuple[str, ...]
    info: str
    info_fields: tuple[str, ...]
    histograms: str
    measurements: str

    def key(self, key: str) -> PingKey:
        """What a file's key says about its pings. Raises ``DataError`` if the file cannot be used."""
        ...

    def row(self, key: PingKey, info: Mapping[str, object]) -> Row:
        """The row to which a ping's numbers belong. Raises ``DataError`` if the line is bad."""
        ...
