"""The data and tools that lie beside the repository: real pings, the maker of load, the oracle."""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"
REAL_KEYS = {
    "ss-ff-n-22.lzma": "saved_session/Firefox/nightly/22.0a1/"
    "20130226031002.20131011.v2.log.e28a4032eb744f089a1828ac7399e5d8.lzma",
    "ss-ff-n-28.lzma": "saved_session/Firefox/nightly/28.0a1/"
    "20131029030201.20131029.v2.log.0ab8723b6fb3455bb34b04d97482fda2.lzma",
    "ss-ff-n-22-simple.lzma": "saved_session/Firefox/nightly/22.0a1/"
    "20130226031002.20131011.v2.log.simple4032eb744f089a1828ac7399e5d8.lzma",
    "corrupted.lzma": "saved_session/Firefox/nightly/28.0a1/20131029030201.20131029.v2.log.corrupted.lzma",
}


def lay_real_pings(root: Path) -> list[str]:
    """Copies the real pings below ``root`` under their keys."""
    for name, key in REAL_KEYS.items():
        target = root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((SHARED / "data" / "pings" / name).read_bytes())
    return sorted(REAL_KEYS.values())


def make_pings(
    root: Path, *, files: int, pings: int, seed: int = 1, bad: float = 0.0, format: str = "lzma"
) -> dict[str, Any]:
    """Runs the maker of load; gives the expected lines by key."""
    arguments = ["--files", files, "--pings", pings, "--seed", seed, "--bad", bad, "--format", format]
    run_tool("make_pings.py", str(root), *map(str, arguments))
    return json.loads((root / "EXPECTED.json").read_text())


def oracle(root: Path, keys: Sequence[str] = ()) -> dict[str, Any]:
    """What the oracle counts: ``{"cells": …, "lines": …}``."""
    return json.loads(run_tool("oracle.py", "--root", str(root), *keys))


@cache
def oracle_of_made(files: int, pings: int, bad: float) -> dict[str, Any]:
    """What the oracle counts of made pings, which takes long: once for all compressions.

    Their lines are by key without the ending that names the compression.
    """
    with TemporaryDirectory() as folder:
        make_pings(Path(folder), files=files, pings=pings, bad=bad, format="none")
        return oracle(Path(folder))


@cache
def oracle_of_real() -> dict[str, Any]:
    """What the oracle counts of the real pings."""
    with TemporaryDirectory() as folder:
        lay_real_pings(Path(folder))
        return oracle(Path(folder))


def run_tool(name: str, *arguments: str) -> bytes:
    """Runs a tool, gives its standard output."""
    done = subprocess.run([sys.executable, str(SHARED / "tools" / name), *arguments], capture_output=True, check=True)
    return done.stdout
