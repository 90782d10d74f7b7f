"""Cells of our own making beside the oracle's: hostile names, days with few pings, builds that are still filling."""

from typing import Any

from tests.page.bucket import DIMENSIONS, Cells

HOSTILE = '<img src=x onerror="window.pwned=1">'
STAMP = "20131201120000"
UNKNOWN = [-1, -1, -1, -1, -1]


def cell(counts: list[int], total: float, pings: int, build: str) -> dict[str, Any]:
    return {"values": [*counts, total, *UNKNOWN[1:], pings], "buildId": build, "revision": "r"}


def add(cells: Cells, version: str, measure: str, date: str, population: str, made: dict[str, Any]) -> None:
    for by in ("by-build-date", "by-submission-date"):
        cells.setdefault(f"{version}/{measure}/{by}", {})[f"{date}/{population}"] = made


def hostile(cells: Cells) -> None:
    """nightly/31: one population a dimension whose option is markup, and a measure whose name is."""
    usual = ["saved_session", "Firefox", "Linux", "3.1", "x86"]
    for i, dimension in enumerate(DIMENSIONS):
        parts = [f"{HOSTILE}{dimension}" if j == i else option for j, option in enumerate(usual)]
        for measure in ("PLANTED", HOSTILE):
            add(cells, "nightly/31", measure, "20131128", "/".join(parts), cell([1, 2, 3, 0], 8, 2, "20131128030201"))


def volumes(cells: Cells) -> None:
    """aurora/29 and aurora/30: 1000 pings on every day but one with 3, the newest of aurora/30 still filling at the publish."""
    population = "saved_session/Firefox/WINNT/6.1/x86"
    for version, first, days in (("aurora/29", 1, 12), ("aurora/30", 15, 16)):
        for day in range(first, first + days):
            few = day == first + 4
            counts = [0, 2, 1, 0] if few else [100, 300 + 10 * day, 400, 200]
            date = f"201311{day:02}"
            add(cells, version, "PLANTED", date, population, cell(counts, sum(i * c for i, c in enumerate(counts)), 3 if few else 1000, f"{date}030201"))


DEFINITIONS = {
    "PLANTED": {"kind": "linear", "description": f"Planted {HOSTILE}", "low": 10, "high": 30, "n_buckets": 4},
    HOSTILE: {"kind": "enumerated", "description": "A measure whose name is markup", "n_values": 3},
}
