"""How large the parts of a ping may be, and which dates are plausible."""

import re
from dataclasses import asdict, dataclass, fields
from datetime import date

from telemetry_tasks.core.reading import fingerprint

NAME_ALPHABET = "A-Za-z0-9_.-"
"""The characters of measure names, which become file names and parts of URLs unchanged."""

DATE_LIMITS = frozenset(
    {"submission-date-too-early", "submission-date-too-late", "build-date-too-old", "build-date-too-new"}
)
"""Reasons of lines that hold a valid ping and are refused for its dates alone."""

_CHARACTERS = re.compile(r"(?:[A-Za-z0-9_.]-[A-Za-z0-9_.]|[A-Za-z0-9_.\-])+\Z", re.ASCII)
_DAY = re.compile(r"\d{8}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """Anything larger is left out, or makes the line bad, and is counted.

    ``name_alphabet`` is written as inside the brackets of a regular expression. ``option_length`` is that of a
    dimension's value as published; None leaves it to the ping format. Dates: ``earliest_date`` and ``latest_date``
    (``YYYYMMDD``, empty: any) are those of submission; a build may be ``build_age`` days older and ``build_ahead``
    days newer than the submission (None: any). ``file_measures``, ``file_columns`` and ``file_rows`` limit what one
    file may add. A file may decode to ``expansion`` times its stored bytes, and to ``small_file_bytes`` in any case.

    No limit depends on a clock: the same file is always read in the same way.
    """

    line_bytes: int = 16 << 20
    array_length: int = 10_000
    name_length: int = 200
    histograms: int = 10_000
    file_bytes: int = 8 << 30
    depth: int = 512
    name_alphabet: str = NAME_ALPHABET
    option_length: int | None = None
    earliest_date: str = ""
    latest_date: str = ""
    build_age: int | None = None
    build_ahead: int | None = None
    measurements: int = 10_000
    file_measures: int = 10_000
    file_columns: int = 4_000_000
    file_rows: int = 50_000
    expansion: int = 200
    small_file_bytes: int = 128 << 20

    def decoded_bytes(self, size: int) -> int:
        """The most bytes that a file of ``size`` stored bytes may decode to."""
        return min(self.file_bytes, max(self.small_file_bytes, self.expansion * size))

    @property
    def fingerprint(self) -> str:
        """Lines of ``name=value``: part of the ids of partitions that are aggregated with these limits."""
        return fingerprint(asdict(self))

    @property
    def checks_rows(self) -> bool:
        """Whether there is a limit that ``row_fault`` checks."""
        dated = self.earliest_date or self.latest_date or self.build_age is not None or self.build_ahead is not None
        return bool(dated) or self.option_length is not None

    def row_fault(self, build_date: str, submission_date: str, options: tuple[str, ...]) -> str | None:
        """Why pings of these dates (``YYYYMMDD``, empty: not known) and this population are implausible, or None."""
        if self.option_length is not None and any(len(option) > self.option_length for option in options):
            return "dimension-too-long"
        if not submission_date:
            return None
        if submission_date < self.earliest_date:
            return "submission-date-too-early"
        if self.latest_date and submission_date > self.latest_date:
            return "submission-date-too-late"
        if not build_date or (self.build_age is None and self.build_ahead is None):
            return None
        age = (parse_day(submission_date) - parse_day(build_date)).days
        if self.build_age is not None and age > self.build_age:
            return "build-date-too-old"
        return "build-date-too-new" if self.build_ahead is not None and -age > self.build_ahead else None


SETTINGS = {field.name: f"TELEMETRY_LIMIT_{field.name.upper()}" for field in fields(Limits)}
"""The setting of each limit."""

USUAL = Limits()
"""The default limits, also of the settings."""


def parse_day(text: str) -> date:
    """``YYYYMMDD`` as a date. Raises ``ValueError`` for anything else."""
    if not _DAY.match(text):
        raise ValueError(f"{text!r} is not a date YYYYMMDD")
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def characters(alphabet: str) -> frozenset[str]:
    """The characters of an alphabet such as ``A-Z0-9_``. Raises ``ValueError`` for others than in ``NAME_ALPHABET``."""
    if not _CHARACTERS.match(alphabet):
        raise ValueError(f"must be characters and ranges of {NAME_ALPHABET}, as in A-Z0-9_")
    try:
        pattern = re.compile(f"[{alphabet}]")
    except re.error as error:
        raise ValueError(f"is not a valid alphabet: {error}") from error
    found = frozenset(each for each in map(chr, range(128)) if pattern.match(each))
    beyond = found - frozenset(each for each in map(chr, range(128)) if re.match(f"[{NAME_ALPHABET}]", each))
    if beyond:
        raise ValueError(f"has {min(beyond)!r}, which names must not contain: choose from {NAME_ALPHABET}")
    return found
