"""A small, independent writer of a published bucket, from cells.

For what pings cannot express, or the product rightly refuses: it stands beside what the product publishes.
Objects are gzip under their plain names, as they lie in S3; `serving.py` adds the Content-Encoding.
"""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DIMENSIONS = ("reason", "appName", "OS", "osVersion", "arch")
SUMS = 5
KINDS_OF_DATE = ("by-build-date", "by-submission-date")
Cells = dict[str, dict[str, dict[str, Any]]]


@dataclass
class Measure:
    """One measure of one channel/version: its winning length, and rows {kind of date: {date: {population: values}}}."""

    length: int = 0
    newest: tuple[str, int] = ("", 0)
    revision: str = ""
    rows: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)


def measures_of(cells: Cells) -> dict[str, dict[str, Measure]]:
    """Cells as {channel/version: {name: Measure}}, without those of a length that lost."""
    found: dict[str, dict[str, Measure]] = {}
    for path, by_population in cells.items():
        channel, major, name, _ = path.split("/")
        measure = found.setdefault(f"{channel}/{major}", {}).setdefault(name, Measure())
        for cell in by_population.values():
            rank = (cell["buildId"], len(cell["values"]))
            if rank > measure.newest:
                measure.newest, measure.length, measure.revision = rank, len(cell["values"]), cell["revision"]
    for path, by_population in cells.items():
        channel, major, name, kind_of_date = path.split("/")
        measure = found[f"{channel}/{major}"][name]
        for key, cell in by_population.items():
            date, population = key.split("/", 1)
            if len(cell["values"]) == measure.length:
                measure.rows.setdefault(kind_of_date, {}).setdefault(date, {})[population] = cell["values"]
    return found


def tree_of(populations: set[str]) -> tuple[dict[str, Any], dict[str, int]]:
    """filter-tree.json of the populations, and the id of each."""
    count = 0
    ids: dict[str, int] = {}

    def node(below: list[list[str]], level: int, path: list[str]) -> dict[str, Any]:
        nonlocal count
        made: dict[str, Any] = {"_id": count}
        count += 1
        if level == len(DIMENSIONS):
            ids["/".join(path)] = made["_id"]
            return made
        made["name"] = DIMENSIONS[level]
        for option in sorted({parts[level] for parts in below}):
            made[option] = node([p for p in below if p[level] == option], level + 1, [*path, option])
        return made

    return node([population.split("/") for population in populations], 0, []), ids


def definition_of(name: str, buckets: int, definitions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The entry of histograms.json; what is unknown or does not fit becomes enumerated and says so."""
    if name.startswith("SIMPLE_MEASURES_"):
        said = f"Histogram aggregation for simple measure: {name.removeprefix('SIMPLE_MEASURES_')}"
        return {"kind": "exponential", "description": said, "low": 1, "high": 30000, "n_buckets": 50}
    known = definitions.get(name) or definitions.get(name.removeprefix("STARTUP_"))
    if known is not None:
        kind = known["kind"]
        size = (
            3
            if kind in ("boolean", "flag")
            else known.get("n_values", -1) + 1
            if kind == "enumerated"
            else known["n_buckets"]
        )
        if size == buckets:
            return known
    return {
        "kind": "enumerated",
        "n_values": buckets - 1,
        "description": "The definition of this measure is unknown",
        "unknown_definition": True,
    }


def sums_of(rows: list[list[float]]) -> list[float]:
    """Rows added element by element; -1 among the five sums is not known, and adds nothing."""
    total = list(rows[0])
    first = len(total) - SUMS - 1
    for row in rows[1:]:
        for i, value in enumerate(row):
            if first <= i < len(total) - 1 and (value == -1 or total[i] == -1):
                total[i] = value if total[i] == -1 else total[i]
            else:
                total[i] += value
    return total


class Writer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Any:
        """A document's value; None where there is none."""
        path = self.folder / key
        return json.loads(gzip.decompress(path.read_bytes())) if path.exists() else None

    def put(self, key: str, document: Any) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        body = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
        path.write_bytes(gzip.compress(body.encode(), 6, mtime=0))

    def measure(
        self, place: str, name: str, measure: Measure, ids: dict[str, int], entry: dict[str, Any]
    ) -> dict[str, Any]:
        """Writes a measure's three files; gives its line of measures.json."""
        summary: dict[str, Any] = {"schema": 1, "definition": entry, "populations": {}}
        for by in KINDS_OF_DATE:
            rows = measure.rows.get(by, {})
            full = {d: sorted(([*v, ids[p]] for p, v in rows[d].items()), key=lambda r: r[-1]) for d in sorted(rows)}
            self.put(f"{place}/{name}-{by}.json", full)
            summary[by] = {d: sums_of(list(rows[d].values())) for d in sorted(rows)}
            seen: dict[str, float] = {}
            for found in rows.values():
                for population, values in found.items():
                    seen[str(ids[population])] = seen.get(str(ids[population]), 0) + values[-1]
            summary["populations"][by] = seen
        self.put(f"{place}/{name}-summary.json", summary)
        dates = sorted(summary["by-build-date"])
        line = {
            "kind": entry["kind"],
            "description": entry["description"],
            "submissions": sum(row[-1] for row in summary["by-build-date"].values()),
            "dates": len(dates),
            "first": dates[0] if dates else "",
            "last": dates[-1] if dates else "",
        }
        return line | {k: entry[k] for k in ("original_kind", "unknown_definition") if k in entry}

    def version(
        self, place: str, name: str, measures: dict[str, Measure], definitions: dict[str, dict[str, Any]]
    ) -> int:
        """Writes a channel/version's folder; gives its number of pings."""
        populations = {
            p for m in measures.values() for rows in m.rows.values() for found in rows.values() for p in found
        }
        tree, ids = tree_of(populations)
        entries = {n: definition_of(n, m.length - SUMS - 1, definitions) for n, m in measures.items()}
        lines = {n: self.measure(place, n, m, ids, entries[n]) for n, m in measures.items()}
        pings = max((line["submissions"] for line in lines.values()), default=0)
        self.put(
            f"{place}/histograms.json",
            {n: {k: v for k, v in e.items() if k != "unknown_definition"} for n, e in entries.items()},
        )
        self.put(
            f"{place}/revisions.json",
            {n: {"revision": m.revision, "buildId": m.newest[0], "length": m.length} for n, m in measures.items()},
        )
        self.put(f"{place}/filter-tree.json", tree)
        self.put(f"{place}/measures.json", {"schema": 1, "channel_version": name, "pings": pings, "measures": lines})
        return int(pings)


def health_of(name: str, measures: dict[str, Measure], pings: int, lines: dict[str, dict[str, int]]) -> dict[str, Any]:
    channel, major = name.split("/")
    files = {k: n for k, n in lines.items() if k.split("/")[2] == channel and k.split("/")[3].split(".")[0] == major}
    days: dict[str, dict[str, Any]] = {}
    for key, seen in files.items():
        day = days.setdefault(key.split("/")[4].split(".")[1], {"files": 0, "pings": 0, "bad_lines": 0})
        day["files"] += 1
        day["pings"] += seen["good"]
        day["bad_lines"] += seen["bad"]
    dates = {by: sorted({d for m in measures.values() for d in m.rows.get(by, {})}) for by in KINDS_OF_DATE}
    bad = sum(n["bad"] for n in files.values())
    return {
        "files": len(files),
        "missing": 0,
        "pings": pings,
        "bad_lines": {"not-json": bad} if bad else {},
        "left_out": {},
        "first_build_date": (dates["by-build-date"] or [""])[0],
        "last_build_date": (dates["by-build-date"] or [""])[-1],
        "last_submission_date": (dates["by-submission-date"] or [""])[-1],
        "missing_files": [],
        "unknown_definitions": [],
        "days": days,
    }


def write_bucket(
    folder: Path,
    cells: Cells,
    definitions: dict[str, dict[str, Any]],
    lines: dict[str, dict[str, int]] | None = None,
    stamp: str = "20131201120000",
) -> None:
    """Adds channel/versions to the snapshot of a stamp, which may stand already, and to the index."""
    writer = Writer(folder)
    index: dict[str, str] = writer.get("versions.json") or {}
    health: dict[str, Any] = (writer.get(f"current/{stamp}/health.json") or {"versions": {}})["versions"]
    for name, measures in sorted(measures_of(cells).items()):
        index[name] = f"current/{stamp}/{name}"
        pings = writer.version(index[name], name, measures, definitions)
        health[name] = health_of(name, measures, pings, lines or {})
        unknown = [
            n
            for n, m in measures.items()
            if "unknown" in definition_of(n, m.length - SUMS - 1, definitions)["description"]
        ]
        health[name]["unknown_definitions"] = sorted(unknown)
    writer.put(f"current/{stamp}/health.json", {"schema": 1, "versions": health})
    writer.put(f"current/{stamp}/versions.json", sorted(index))
    writer.put("versions.json", index)
    writer.put("latest-current.json", {"current": stamp, "versions": sorted(index)})
