"""What the health page says of a channel/version: how complete the data are, and what was wrong with them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from telemetry_tasks.core.folding import Fold
from telemetry_tasks.core.partition import LedgerEntry

MOST_LISTED = 200


def health_of(
    entries: Iterable[LedgerEntry],
    unknown_definitions: Iterable[str],
    build_dates: Iterable[str],
    submission_day: Callable[[str], str],
    folds: Iterable[Fold] = (),
) -> dict[str, Any]:
    """See docs/formats.md, ``health.json``. ``submission_day`` gives the day of a file's key.

    ``folds`` are told without the names of options: clients invent them, and what is not allowed is not shown.
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
    dates = sorted(build_dates)
    missing.sort(key=lambda item: item["file"])
    folded = [
        {"reason": fold.reason, "dimension": fold.dimension, "number": fold.number, "pings": fold.pings}
        for fold in folds
    ]
    return {
        "files": files,
        "missing": len(missing),
        "pings": pings,
        "bytes": size,
        "bad_lines": dict(bad),
        "left_out": dict(left_out),
        "first_build_date": dates[0] if dates else "",
        "last_build_date": dates[-1] if dates else "",
        "last_submission_date": max((day for day in days if day.isdigit()), default=""),
        "missing_files": missing[:MOST_LISTED],
        "unknown_definitions": sorted(unknown_definitions),
        "days": {day: dict(counts) for day, counts in days.items()},
        **({"folded": folded} if folded else {}),
    }
