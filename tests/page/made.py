"""Ping files and their cells for the page's tests: the shared generator and oracle, run as programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"
KIND_WITH_BUCKETS = ("linear", "exponential")


def definitions() -> dict[str, dict[str, Any]]:
    """Definitions of three revisions, newest last, with the old server's evaluated bounds instead of expressions."""
    found: dict[str, dict[str, Any]] = {}
    for revision in ("8d3810543edc", "a55c55edf302", "ad0ae007aa9e"):
        folder = SHARED / "data" / "definitions"
        said = json.loads((folder / f"{revision}.Histograms.json").read_text())
        bounds = json.loads((folder / f"{revision}.evaluated.json").read_text())["histograms"]
        for name, entry in said.items():
            if name in bounds:
                found[name] = evaluated(entry, bounds[name])
    return found


def evaluated(entry: dict[str, Any], bounds: dict[str, Any]) -> dict[str, Any]:
    made = {"kind": entry["kind"], "description": entry["description"]}
    if made["kind"] == "enumerated":
        made["n_values"] = bounds["bucket_count"] - 1
    elif made["kind"] in KIND_WITH_BUCKETS:
        made |= {"low": bounds["min"], "high": bounds["max"], "n_buckets": bounds["bucket_count"]}
    return made


def pings(folder: Path, files: int = 60, pings_a_file: int = 12, days: int = 14, seed: int = 3, bad: float = 0.02) -> None:
    program = SHARED / "tools" / "make_pings.py"
    counts = ["--files", str(files), "--pings", str(pings_a_file), "--days", str(days), "--seed", str(seed), "--bad", str(bad)]
    subprocess.run([sys.executable, str(program), str(folder), *counts, "--format", "gz"], check=True)


def oracle(folder: Path) -> dict[str, Any]:
    """{"cells": …, "lines": …} of the ping files below a folder."""
    program = SHARED / "tools" / "oracle.py"
    said = subprocess.run([sys.executable, str(program), "--root", str(folder)], check=True, capture_output=True)
    return json.loads(said.stdout)
