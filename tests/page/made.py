"""Ping files and their cells for the page's tests: the shared generator and oracle, run as programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"


def pings(
    folder: Path, files: int = 60, pings_a_file: int = 12, days: int = 14, seed: int = 3, bad: float = 0.02
) -> None:
    program = SHARED / "tools" / "make_pings.py"
    counts = [
        "--files",
        str(files),
        "--pings",
        str(pings_a_file),
        "--days",
        str(days),
        "--seed",
        str(seed),
        "--bad",
        str(bad),
    ]
    subprocess.run([sys.executable, str(program), str(folder), *counts, "--format", "gz"], check=True)


def oracle(folder: Path) -> dict[str, Any]:
    """{"cells": …, "lines": …} of the ping files below a folder."""
    program = SHARED / "tools" / "oracle.py"
    said = subprocess.run([sys.executable, str(program), "--root", str(folder)], check=True, capture_output=True)
    return json.loads(said.stdout)
