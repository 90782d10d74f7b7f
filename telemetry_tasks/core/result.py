"""What aggregating some ping files gives: cells by channel/version, and what became of each file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.reading import told_differences
from telemetry_tasks.errors import DataError

RULES_VERSION = 2
"""Version of the rules of aggregation; part of every partition's id, so new rules give new results."""


NOTHING: Mapping[str, int] = MappingProxyType({})

NOT_FOUND, CHANGED = "not-found", "changed"
"""Reasons why a file that was discovered could not be read as that file."""


class FileReport(NamedTuple):
    """What became of one ping file. ``error`` is why it is on the list of missing files; None if it is not.

    ``day`` is the day of submission that its key names, empty if it names none. ``good`` counts the pings added;
    ``bad`` the lines that are not pings and ``left_out`` the parts of pings, by reason. A truncated file has pings and
    an error. A tuple, as there may be millions of them.
    """

    key: str
    etag: str = ""
    size: int = 0
    day: str = ""
    good: int = 0
    bad: Mapping[str, int] = NOTHING
    left_out: Mapping[str, int] = NOTHING
    error: str | None = None

    @property
    def was_there(self) -> bool:
        """Whether the file was read as it had been discovered. If not, the next discovery registers it again."""
        return self.error is None or self.error.partition(":")[0] not in (NOT_FOUND, CHANGED)


@dataclass(frozen=True)
class Result:
    """Cells by channel/version, and the files (by key) that they come from.

    ``reading`` is the fingerprint of the settings that decide what its rows mean (``core.reading``). ``limits`` are
    those of the limits (``Limits.fingerprint``) that its pings were read with, sorted: one, more if results were
    merged, none if no ping was read.
    """

    cells: Mapping[str, Cells]
    files: tuple[FileReport, ...] = ()
    reading: str = ""
    limits: tuple[str, ...] = ()

    @property
    def pings(self) -> int:
        """Pings added."""
        return sum(report.good for report in self.files)


def merge_results(results: Iterable[Result]) -> Result:
    """The sum of results over different files.

    Raises ``ValueError`` if a file is in two of them, ``DataError`` ``mixed-settings`` if their rows mean different
    things.
    """
    results = list(results)
    readings = sorted({result.reading for result in results})
    if len(readings) > 1:
        raise DataError("mixed-settings", told_differences(readings[0], readings[1]))
    files = sorted((report for result in results for report in result.files), key=lambda report: report.key)
    for before, after in pairwise(files):
        if before.key == after.key:
            raise ValueError(f"file {after.key!r} is in two of the results: its pings would count twice")
    names = sorted({name for result in results for name in result.cells})
    cells = {name: add_cells([result.cells[name] for result in results if name in result.cells]) for name in names}
    limits = {each for result in results for each in result.limits}
    return Result(cells, tuple(files), readings[0] if readings else "", tuple(sorted(limits)))
