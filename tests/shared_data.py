"""Where tests find the real data that lie beside the repository."""

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared"
DEFINITIONS = SHARED / "data" / "definitions"
PINGS = SHARED / "data" / "pings"
ORACLE = SHARED / "tools" / "oracle.py"
REVISIONS = ("8d3810543edc", "a55c55edf302", "ad0ae007aa9e")


def definition_file(revision: str) -> bytes:
    """The real ``Histograms.json`` of a revision."""
    return (DEFINITIONS / f"{revision}.Histograms.json").read_bytes()


def evaluated(revision: str) -> dict[str, dict[str, Any]]:
    """What the server of 2013 computed from it: ``buckets`` by name of the histogram."""
    return json.loads((DEFINITIONS / f"{revision}.evaluated.json").read_bytes())["histograms"]


def real_pings() -> Iterator[dict[str, Any]]:
    """Every whole ping of the real files."""
    for name in ("ss-ff-n-22.lzma", "ss-ff-n-28.lzma", "ss-ff-n-22-simple.lzma"):
        with lzma.open(PINGS / name, format=lzma.FORMAT_ALONE) as lines:
            for line in lines:
                yield json.loads(line.split(b"\t", 1)[1])
