"""A bucket in which one client each invented versions and dates, beside forty that did not; and named categories."""

import json
from pathlib import Path
from typing import Any

from tests.page.pipeline import publish_files
from tests.support.deployment import FALLBACK_REVISION

DEFINITIONS = {
    "UPDATE_STATE": {
        "kind": "categorical",
        "labels": ["shown", "dismissed", "installed"],
        "description": "What became of an update",
    },
    "READ_B": {"kind": "linear", "low": 1, "high": 65536, "n_buckets": 3, "description": "Bytes read"},
}
HISTOGRAMS = {
    "UPDATE_STATE": [50, 30, 20, *[0] * 48, 70, -1, -1, 0, 0],
    # a sum of squares of 2,147,485,824, of which clients send the low half as a signed number
    "READ_B": [0, 3, 2, 65616, -1, -1, -2147481472, 0],
}
DAYS = [f"201311{day:02}" for day in range(1, 29)]


def ping_files(folder: Path) -> None:
    """nightly/28 with forty pings a day of November 2013, and builds of 1970 and 2099; nightly/1024 and beyond."""
    for day in DAYS:
        _file(folder, "28.0a1", f"{day}030201.{day}", 40)
    _file(folder, "28.0a1", "19700101000000.20131111", 1)
    _file(folder, "28.0a1", "20991231000000.20131111", 1)
    _file(folder, "1024.0", "20131101030201.20131101", 1)
    _file(folder, "99999999999999999999", "20131101030201.20131101", 1)


def _file(folder: Path, version: str, name: str, pings: int) -> None:
    place = folder / "saved_session" / "Firefox" / "nightly" / version
    place.mkdir(parents=True, exist_ok=True)
    info = {"OS": "WINNT", "arch": "x86", "version": "6.1", "revision": FALLBACK_REVISION}
    ping: dict[str, Any] = {"info": info, "histograms": HISTOGRAMS, "simpleMeasurements": {"uptime": 7}}
    lines = [f"id{i}\t{json.dumps(ping)}\n" for i in range(pings)]
    (place / f"{name}.v2.log.{pings}").write_text("".join(lines))


def publish(redis_url: str, folder: Path) -> Path:
    """The published bucket."""
    ping_files(folder / "pings")
    publish_files(redis_url, folder / "pings", folder / "definitions", folder / "bucket", more=DEFINITIONS)
    return folder / "bucket"
