"""What a ping format has to offer."""

from collections.abc import Mapping
from typing import Protocol

from telemetry_tasks.core.rows import Row
from telemetry_tasks.formats.pings.keys import PingKey


class PingFormat(Protocol):
    """How one kind of ping is read. ``info``, ``histograms`` and ``measurements`` name top-level members.

    ``info_fields`` are all members of ``info`` that ``row`` looks at: pings of one file in which these are the
    same have the same row. ``version`` is another one whenever the code gives a ping another row or other numbers:
    what was counted before has to be reprocessed then.
    """

    name: str
    version: int
    dimensions: tuple[str, ...]
    info: str
    info_fields: tuple[str, ...]
    histograms: str
    measurements: str

    def key(self, key: str) -> PingKey:
        """What a file's key says of its pings. Raises ``DataError`` for a file that cannot be used."""
        ...

    def row(self, key: PingKey, info: Mapping[str, object]) -> Row:
        """Whose numbers a ping holds. Raises ``DataError`` where the line is bad."""
        ...
