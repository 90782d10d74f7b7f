"""Folders of ping files aggregated in this process."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from telemetry_tasks.core.result import Result
from telemetry_tasks.formats.pings.saved_session.format import SavedSession
from telemetry_tasks.formats.result_text import export_lines
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate

FORMAT = SavedSession(
    ("reason", "appName", "OS", "osVersion", "arch"), "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4"
)


def ping_files(root: Path) -> list[PingFile]:
    """The ping files below a folder, by key."""
    paths = sorted(path for path in root.rglob("*") if path.is_file() and ".log." in path.name)
    return [_ping_file(root, path) for path in paths]


def _ping_file(root: Path, path: Path) -> PingFile:
    def chunks() -> Iterator[bytes]:
        yield path.read_bytes()

    return PingFile(str(path.relative_to(root)), chunks, size=path.stat().st_size)


def aggregated(root: Path, files: Iterable[PingFile] | None = None, **options: Any) -> Result:
    """The result over the ping files below ``root``, or over some of them."""
    return aggregate(ping_files(root) if files is None else files, FORMAT, **options)


def exported(result: Result) -> dict[str, Any]:
    """The cells as the oracle tells them: measure and kind of date, then population."""
    return {path: json.loads(text) for path, text in (line.split("\t") for line in export_lines(result))}
