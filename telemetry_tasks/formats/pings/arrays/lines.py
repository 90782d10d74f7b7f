"""What the scanners have to know of a line: where the parts of its ping are, and which row it adds to."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.rows import Row
from telemetry_tasks.formats.pings.contract import FileKey, checked_row


class ArrayLines(ABC):
    """A line is anything, a tab, and a JSON object with histograms as arrays: buckets, then five sums.

    ``info``, ``histograms`` and ``measurements`` name members of that object. ``info_fields`` are all members of
    ``info`` that ``row`` reads: pings of one file that have equal ones have the same row.
    """

    dimensions: tuple[str, ...]
    info: str
    info_fields: tuple[str, ...]
    histograms: str
    measurements: str

    @abstractmethod
    def row(self, key: Any, info: Mapping[str, object]) -> Row:
        """The row to which a ping's numbers belong; ``key`` is the ``FileKey`` that the format made.

        Raises ``DataError`` if the line is bad.
        """

    def checked_row(self, key: FileKey, info: Mapping[str, object], limits: Limits) -> Row:
        """The row of a ping. Raises ``DataError`` if the line is bad, or beyond the limits."""
        return checked_row(self.row(key, info), key.day, len(self.dimensions), limits)
