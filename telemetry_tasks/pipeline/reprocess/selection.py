"""Which partitions a reprocessing concerns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from telemetry_tasks.core.partition import FileRef, LedgerEntry
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.core.rows import Row
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.contract import FileKey

KeyOf = Callable[[str], FileKey]
"""What a ping file's key says, as ``Services.file_key``."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that all must hold; empty ones hold always. Dates ``YYYYMMDD``, both ends included.

    ``files`` are keys or shell patterns of keys; ``missing`` takes partitions only that have files on the list of
    missing files; ``measures`` those only whose results hold one of these measures. Files whose keys do not name a date
    are taken by their keys; ``takes_result`` then decides by the rows of the result.
    """

    channels: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    build_from: str = ""
    build_to: str = ""
    submitted_from: str = ""
    submitted_to: str = ""
    files: tuple[str, ...] = ()
    missing: bool = False

    def takes_channel_version(self, name: str) -> bool:
        """Whether anything of this channel/version can be concerned."""
        channel, _, major = name.partition("/")
        return (not self.channels or channel in self.channels) and (not self.versions or major in self.versions)

    def takes(self, entry: LedgerEntry, key_of: KeyOf) -> bool:
        """Whether the partition is concerned: one of its files meets every condition on files."""
        reports = {report.key: report for report in entry.reports}
        return any(self._takes_file(file, reports.get(file.key), key_of) for file in entry.partition.files)

    def _takes_file(self, file: FileRef, report: FileReport | None, key_of: KeyOf) -> bool:
        if self.missing and (report is None or report.error is None):
            return False
        return self.takes_key(file.key, key_of)

    def takes_key(self, key: str, key_of: KeyOf) -> bool:
        """Whether a file's key is one that is named, and of the dates or of no known date."""
        if self.files and not any(key == p or fnmatchcase(key, p) for p in self.files):
            return False
        if not self._by_date:
            return True
        try:
            found = key_of(key)
        except DataError:
            return False
        return self._takes_dates(found.build_date, found.day)

    def asks_result(self, entry: LedgerEntry, key_of: KeyOf) -> bool:
        """Whether the result of a partition that it ``takes`` has to be read: for its measures or its dates."""
        return bool(self.measures) or (self._by_date and not self._is_dated(entry, key_of))

    def _is_dated(self, entry: LedgerEntry, key_of: KeyOf) -> bool:
        """Whether the key of one of its files is enough to know that it is of the dates."""
        taken = (key_of(file.key) for file in entry.partition.files if self.takes_key(file.key, key_of))
        return any((key.build_date or not self._by_build) and (key.day or not self._by_submission) for key in taken)

    def takes_result(self, result: Result) -> bool:
        """Whether a result has one of the measures, and a row of the dates."""
        cells = result.cells.values()
        measures = {run.measure for each in cells for run in each.runs}
        return (not self.measures or not measures.isdisjoint(self.measures)) and (
            not self._by_date or any(self._takes_row(row) for each in cells for row in each.rows)
        )

    @property
    def _by_date(self) -> bool:
        return self._by_build or self._by_submission

    @property
    def _by_build(self) -> bool:
        return bool(self.build_from or self.build_to)

    @property
    def _by_submission(self) -> bool:
        return bool(self.submitted_from or self.submitted_to)

    def _takes_row(self, row: Row) -> bool:
        undated = self._by_build and not row.build_date
        return not undated and self._takes_dates(row.build_date, row.submission_date)

    def _takes_dates(self, build_date: str, day: str) -> bool:
        """Dates that are not known are within every range."""
        return _within(build_date, self.build_from, self.build_to) and _within(
            day, self.submitted_from, self.submitted_to
        )


def _within(date: str, first: str, last: str) -> bool:
    return not date or ((not first or date >= first) and (not last or date <= last))


def selected(entries: Iterable[LedgerEntry], selection: Selection, key_of: KeyOf) -> list[LedgerEntry]:
    """The entries concerned, results not yet looked at."""
    return [entry for entry in entries if selection.takes(entry, key_of)]
