"""What the health page says of a channel/version: how complete the data are, and what was wrong with them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from telemetry_tasks.core.disclosure.collapse import Collapsed
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.core.plausible import USUAL, Outside, Plausibility

MOST_LISTED = 200


def health_of(
    entries: Iterable[LedgerEntry],
    unknown_definitions: Iterable[str],
    builds: Iterable[str],
    submission_day: Callable[[str], str],
    collapsed: Iterable[Collapsed] = (),
    outside: Mapping[str, Outside] | None = None,
    plausibility: Plausibility = USUAL,
) -> dict[str, Any]:
    """See docs/formats.md, ``health.json``. ``submission_day`` gives the day of a file's key,
    ``builds`` are the build dates. First and last dates are the plausible ones: ``outside`` has, by kind of
    date, the implausible ones, if any.

    The names of options in ``collapsed`` are left out: clients invent them, and those not allowed are not shown.
    """
    bad, left_out = Counter[str](), Counter[str]()
    days: dict[str, Counter[str]] = defaultdict(Counter)
    missing: list[dict[str, str]] = []
    files = pings = size = 0
    for entry in entries:
        for report in entry.reports:
            files += 1
            pings += report.good
            size += report.size
            bad.update(report.bad)
            left_out.update(report.left_out)
            day = days[submission_day(report.key)]
            day.update({"files": 1, "pings": report.good, "bad_lines": sum(report.bad.values())})
            if report.error is not None:
                missing.append({"file": report.key, "reason": report.error})
    sent = {day: counts["pings"] for day, counts in days.items() if day.isdigit()}
    outside = outside or {}
    first_build, last_build = _ends(builds, outside.get(BY_BUILD))
    # late pings too, which count by build date only
    _, last_sent = _ends(sent, plausibility.of_days({}, sent).get(BY_SUBMISSION))
    missing.sort(key=lambda item: item["file"])
    folded = [
        {"reason": part.reason, "dimension": part.dimension, "number": part.number, "pings": part.pings}
        for part in collapsed
    ]
    return {
        "files": files,
        "missing": len(missing),
        "pings": pings,
        "bytes": size,
        "bad_lines": dict(bad),
        "left_out": dict(left_out),
        "first_build_date": first_build,
        "last_build_date": last_build,
        "last_submission_date": last_sent,
        "missing_files": missing[:MOST_LISTED],
        "unknown_definitions": sorted(unknown_definitions),
        "days": {day: dict(counts) for day, counts in days.items()},
        **({"folded": folded} if folded else {}),
        **({"implausible": dict(outside)} if outside else {}),
    }


def _ends(days: Iterable[str], outside: Outside | None) -> tuple[str, str]:
    """The first and the last plausible day; empty if there is none."""
    if outside is not None:
        return str(outside["first"]), str(outside["last"])
    return min(days, default=""), max(days, default="")
