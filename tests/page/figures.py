"""Figures from the oracle's cells, worked out here once more: nothing of telemetry.js is used."""

from collections.abc import Callable
from typing import Any

from tests.page.bucket import Cells, sums_of

Keep = Callable[[list[str]], bool]


def everything(_: list[str]) -> bool:
    return True


def days_of(cells: Cells, path: str, keep: Keep = everything) -> dict[str, list[float]]:
    """{YYYYMMDD: values added up} of the populations that `keep` accepts, of the winning length of the version."""
    place, by = path.rsplit("/", 1)
    both = {
        k: c for kind in ("by-build-date", "by-submission-date") for k, c in enumerate_cells(cells, f"{place}/{kind}")
    }
    winner = max(((c["buildId"], len(c["values"])) for c in both.values()), default=("", 0))[1]
    days: dict[str, list[list[float]]] = {}
    for key, cell in cells.get(path, {}).items():
        date, *population = key.split("/")
        if len(cell["values"]) == winner and keep(population):
            days.setdefault(date, []).append(cell["values"])
    assert by in ("by-build-date", "by-submission-date")
    return {date: sums_of(rows) for date, rows in sorted(days.items())}


def enumerate_cells(cells: Cells, path: str) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path}/{key}", cell) for key, cell in cells.get(path, {}).items()]


def counts_of(values: list[float]) -> list[float]:
    return values[:-6]


def percentile(values: list[float], starts: list[float], p: float) -> float:
    """Samples spread evenly over the bucket they fall in."""
    counts = counts_of(values)
    target, below = sum(counts) * p / 100, 0.0
    for count, start, end in zip(counts, starts, [*starts[1:], 2 * starts[-1] - starts[-2]], strict=True):
        if count and below + count >= target:
            return start + (end - start) * (target - below) / count
        below += count
    raise ValueError("no samples")


def exponential(low: float, high: float, buckets: int) -> list[float]:
    """The bounds that formats.md gives, for the two well-known measures that the tests look at."""
    from math import exp, floor, log

    starts = [0.0, low]
    while len(starts) < buckets:
        step = (log(high) - log(starts[-1])) / (buckets - len(starts))
        starts.append(max(starts[-1] + 1, floor(exp(log(starts[-1]) + step) + 0.5)))
    return starts
