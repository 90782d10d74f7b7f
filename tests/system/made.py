"""Made pings for the running system: as real as ``make_pings.py`` makes them, or thin, where speed counts."""

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.shared import make_pings


@dataclass(frozen=True)
class Made:
    """Ping files below ``root``, and how many good and bad lines each of ``keys`` has."""

    root: Path
    keys: list[str]
    lines: dict[str, tuple[int, int]]


def made(root: Path, *, files: int, pings: int, seed: int) -> Made:
    """Ping files with 2 % bad lines."""
    listed = make_pings(root, files=files, pings=pings, seed=seed, bad=0.02, format="gz")
    counts = listed.get("lines", listed)
    lines = {key: (count["good"], count["bad"]) for key, count in counts.items()}
    return Made(root, sorted(lines), lines)


def thinned(whole: Made, share: int = 12) -> Made:
    """Leaves one measure of ``share`` in every ping; bad lines stay as they are."""
    for key in whole.keys:
        path = whole.root / key
        lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        path.write_bytes(gzip.compress(b"".join(_thin(line, share) for line in lines), mtime=0))
    return whole


def _thin(line: bytes, share: int) -> bytes:
    try:
        identity, body = line.split(b"\t", 1)
        ping: dict[str, Any] = json.loads(body)
        ping["histograms"] = {n: v for n, v in ping["histograms"].items() if zlib.crc32(n.encode()) % share == 0}
        ping["simpleMeasurements"] = dict(list(ping["simpleMeasurements"].items())[:2])
    except (ValueError, KeyError, TypeError, AttributeError):
        return line
    return identity + b"\t" + json.dumps(ping).encode() + b"\n"
