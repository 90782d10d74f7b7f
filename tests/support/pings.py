"""Small pings by hand: a handful of measures of which everything is known."""

import gzip
import json
from collections.abc import Sequence
from typing import Any

REVISION = "http://hg.mozilla.org/releases/mozilla-beta/rev/a55c55edf302"
"""Whose definitions are known: FLAG is boolean, CACHE enumerated, COUNT exponential."""

FLAG, CACHE, COUNT, UNKNOWN = "SHUTDOWN_OK", "HTTP_CACHE_DISPOSITION_2", "GRADIENT_DURATION", "NOBODY_KNOWS"
LENGTHS = {FLAG: 3, CACHE: 6, COUNT: 20, UNKNOWN: 9}


def histogram(measure: str, bucket: int = 1) -> list[int]:
    """One sample in a bucket, with sums that tell where it came from."""
    values = [0] * LENGTHS[measure]
    values[bucket] = 1
    return [*values, bucket, -1, -1, bucket * bucket, 0]


def ping(
    *measures: str, bucket: int = 1, system: tuple[str, str, str] = ("WINNT", "6.1", "x86"), revision: str = REVISION
) -> dict[str, Any]:
    """A ping with these measures (FLAG and COUNT where none are named)."""
    os, version, arch = system
    return {
        "ver": 1,
        "info": {"OS": os, "version": version, "arch": arch, "revision": revision},
        "histograms": {measure: histogram(measure, bucket) for measure in measures or (FLAG, COUNT)},
        "simpleMeasurements": {"uptime": 7},
    }


def ping_file(*pings: dict[str, Any], bad_lines: Sequence[bytes] = ()) -> bytes:
    """A ping file, gzip."""
    lines = [f"id-{i}\t{json.dumps(each)}".encode() for i, each in enumerate(pings or (ping(),))]
    return gzip.compress(b"".join(line + b"\n" for line in [*lines, *bad_lines]), mtime=0)


def key(name: str = "a", *, channel: str = "nightly", version: str = "28.0a1", day: int = 5, build: int = 1) -> str:
    """The key of a ping file of December 2013."""
    return f"saved_session/Firefox/{channel}/{version}/201312{build:02d}030201.201312{day:02d}.v2.log.{name}.gz"
