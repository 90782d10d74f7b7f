"""What the health page says of a channel/version: how complete the data are, and what was wrong with them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from telemetry_tasks.core.disclosure.collapse import Collapsed
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.core.plausible import USUAL, Outside, Plausibility

MOST_LISTED = 200
UNKNOWN_DAY = "unknown"
"""Stands for the day of files whose keys name none."""


class Day(NamedTuple):
    """Files of one submission date, their pings and their bad lines."""

    files: int
    pings: int
    bad_lines: int


@dataclass(frozen=True, slots=True)
class Health:
    """How complete a channel/version is. ``bytes`` are those of its ping files, compressed.

    ``bad_lines`` and ``left_out`` are counted by reason, ``days`` by submission date. ``missing_files`` are the first
    ``MOST_LISTED`` of the ``missing``, with their reasons. First and last dates are the plausible ones, empty if
    there are none; ``implausible`` says, by kind of date, what lies outside. ``collapsed`` are what is not published as
    it is; ``small_cells`` is the number of cells that collapsed.
    """

    files: int
    missing: int
    pings: int
    bytes: int
    bad_lines: Mapping[str, int]
    left_out: Mapping[str, int]
    small_cells: int
    first_build_date: str
    last_build_date: str
    last_submission_date: str
    missing_files: Sequence[tuple[str, str]]
    unknown_definitions: Sequence[str]
    days: Mapping[str, Day]
    collapsed: Sequence[Collapsed] = ()
    implausible: Mapping[str, Outside] = field(default_factory=dict)


def health_of(
    entries: Iterable[LedgerEntry],
    unknown_definitions: Iterable[str],
    builds: Iterable[str],
    collapsed: Iterable[Collapsed] = (),
    outside: Mapping[str, Outside] | None = None,
    plausibility: Plausibility = USUAL,
    small_cells: int = 0,
) -> Health:
    """The health of a channel/version. ``builds`` are build dates.

    ``outside`` has, by kind of date, the implausible dates, if any.
    """
    bad, left_out = Counter[str](), Counter[str]()
    days: dict[str, Counter[str]] = defaultdict(Counter)
    missing: list[tuple[str, str]] = []
    files = pings = size = 0
    for entry in entries:
        for report in entry.reports:
            files += 1
            pings += report.good
            size += report.size
            bad.update(report.bad)
            left_out.update(report.left_out)
            day = days[report.day or UNKNOWN_DAY]
            day.update(files=1, pings=report.good, bad_lines=sum(report.bad.values()))
            if report.error is not None:
                missing.append((report.key, report.error))
    sent = {day: counts["pings"] for day, counts in days.items() if day.isdigit()}
    outside = outside or {}
    first_build, last_build = _ends(builds, outside.get(BY_BUILD))
    # late pings too, which count by build date only
    _, last_sent = _ends(sent, plausibility.of_days({}, sent).get(BY_SUBMISSION))
    return Health(
        files=files,
        missing=len(missing),
        pings=pings,
        bytes=size,
        bad_lines=dict(bad),
        left_out=dict(left_out),
        small_cells=small_cells,
        first_build_date=first_build,
        last_build_date=last_build,
        last_submission_date=last_sent,
        missing_files=sorted(missing, key=lambda each: each[0])[:MOST_LISTED],
        unknown_definitions=sorted(unknown_definitions),
        days={day: Day(**counts) for day, counts in days.items()},
        collapsed=tuple(collapsed),
        implausible=dict(outside),
    )


def _ends(days: Iterable[str], outside: Outside | None) -> tuple[str, str]:
    """The first and the last plausible day; empty if there is none."""
    if outside is not None:
        return str(outside["first"]), str(outside["last"])
    return min(days, default=""), max(days, default="")
