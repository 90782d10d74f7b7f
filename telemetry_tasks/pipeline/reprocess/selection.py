"""Which partitions a reprocessing concerns."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from telemetry_tasks.core.partition import FileRef, LedgerEntry
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.keys import PingKey, parse_key


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that all must hold; empty ones hold always. Dates ``YYYYMMDD``, both ends included.

    ``files`` are keys or shell patterns of keys; ``missing`` takes partitions only that have files on the list of
    missing files; ``measures`` those only whose results hold one of these measures.
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

    def takes(self, entry: LedgerEntry) -> bool:
        """Whether the partition is concerned: one of its files meets every condition."""
        reports = {report.key: report for report in entry.reports}
        return any(self._takes_file(file, reports.get(file.key)) for file in entry.partition.files)

    def _takes_file(self, file: FileRef, report: FileReport | None) -> bool:
        if self.missing and (report is None or report.error is None):
            return False
        return self.takes_key(file.key)

    def takes_key(self, key: str) -> bool:
        """Whether a file's key is one that is named, and of the dates."""
        if self.files and not any(key == p or fnmatchcase(key, p) for p in self.files):
            return False
        return self._takes_dates(key)

    def _takes_dates(self, key: str) -> bool:
        if not (self.build_from or self.build_to or self.submitted_from or self.submitted_to):
            return True
        try:
            parsed: PingKey = parse_key(key)
        except DataError:
            return False
        return _within(parsed.build_date, self.build_from, self.build_to) and _within(
            parsed.submission_date, self.submitted_from, self.submitted_to
        )


def _within(date: str, first: str, last: str) -> bool:
    return (not first or date >= first) and (not last or date <= last)


def selected(entries: Iterable[LedgerEntry], selection: Selection) -> list[LedgerEntry]:
    """The entries concerned, measures not yet looked at."""
    return [entry for entry in entries if selection.takes(entry)]
