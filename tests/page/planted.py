"""What is planted beside made pings: hostile names, a broken file, days with few pings, builds still filling."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.page.bucket import DIMENSIONS, Cells

HOSTILE = '<img src=x onerror="window.pwned=1">'
STAMP = "20131201120000"
UNKNOWN = [-1, -1, -1, -1, -1]
FLAG = "A11Y_INSTANTIATED_FLAG"
REVISION = "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4"


def cell(counts: list[int], total: float, pings: int, build: str) -> dict[str, Any]:
    return {"values": [*counts, total, *UNKNOWN[1:], pings], "buildId": build, "revision": "r"}


def add(cells: Cells, version: str, measure: str, date: str, population: str, made: dict[str, Any]) -> None:
    for by in ("by-build-date", "by-submission-date"):
        cells.setdefault(f"{version}/{measure}/{by}", {})[f"{date}/{population}"] = made


def hostile_files(folder: Path) -> None:
    """nightly/31: ping files of populations that have markup as an option, one of each dimension."""
    usual = {"reason": "saved_session", "appName": "Firefox", "OS": "Linux", "osVersion": "3.1", "arch": "x86"}
    for dimension in DIMENSIONS:
        made = usual | {dimension: f"{HOSTILE}{dimension}"}
        place = folder / made["reason"] / made["appName"] / "nightly" / "31.0a1"
        place.mkdir(parents=True, exist_ok=True)
        info = {"OS": made["OS"], "version": made["osVersion"], "arch": made["arch"], "revision": REVISION}
        ping = {"info": info, "histograms": {FLAG: [1, 2, 0, 2, *UNKNOWN[1:]]}}
        name = f"20131128030201.20131129.v2.log.{dimension}"
        (place / name).write_text("".join(f"{uuid4()}\t{json.dumps(ping)}\n" for _ in range(2)))


def broken_file(folder: Path) -> None:
    """A ping file of nightly/28 whose compressed stream breaks off."""
    whole = next(path for path in sorted(folder.rglob("*.gz")) if "/nightly/28.0a1/" in str(path))
    made = whole.with_name("20131020030201.20131021.v2.log.broken.gz")
    made.write_bytes(whole.read_bytes()[:20000])


def hostile_name(cells: Cells) -> None:
    """aurora/31: a measure whose name is markup. Intake refuses such a name; the page must not rely on that."""
    population = "saved_session/Firefox/Linux/3.1/x86"
    add(cells, "aurora/31", HOSTILE, "20131128", population, cell([1, 2, 3, 0], 8, 2, "20131128030201"))


def volumes(cells: Cells) -> None:
    """aurora/29 and aurora/30: 1000 pings on every day but one with 3; aurora/30's newest are still filling."""
    population = "saved_session/Firefox/WINNT/6.1/x86"
    for version, first, days in (("aurora/29", 1, 12), ("aurora/30", 15, 16)):
        for day in range(first, first + days):
            few = day == first + 4
            counts = [0, 2, 1, 0] if few else [100, 300 + 10 * day, 400, 200]
            date = f"201311{day:02}"
            add(
                cells,
                version,
                "PLANTED",
                date,
                population,
                cell(counts, sum(i * c for i, c in enumerate(counts)), 3 if few else 1000, f"{date}030201"),
            )


DEFINITIONS = {
    "PLANTED": {"kind": "linear", "description": f"Planted {HOSTILE}", "low": 10, "high": 30, "n_buckets": 4},
    HOSTILE: {"kind": "enumerated", "description": "A measure whose name is markup", "n_values": 3},
}
