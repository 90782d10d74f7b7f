"""One line by the json module: obvious and slow. Fast scanners pass it every unusual line."""

import json

import numpy as np

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts, add_ping, measurements_in
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.arrays.lines import ArrayLines
from telemetry_tasks.formats.pings.contract import FileKey


class NeedsSlowPath(Exception):
    """The line does not fit the fast path of a scanner; nothing of it was added, and ``add_line`` reads it."""


_NO_MARK = bytes(set(range(256)) - set(b'[]{}"'))
_STEP = np.zeros(256, np.int8)
_STEP[[*b"[{"]] = 1
_STEP[[*b"]}"]] = -1


def openings(body: bytes) -> int:
    """The number of opening brackets, in strings or not: an upper bound of the depth."""
    return body.count(b"[") + body.count(b"{")


def check_depth(body: bytes, limits: Limits) -> None:
    """Raises ``DataError`` for JSON nested too deep. Decided from the text, since the limit of the json module
    depends on the depth of its caller."""
    if openings(body) <= limits.depth:
        return
    # escaped backslashes first: every remaining one before a quote escapes it
    text = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_MARK)
    marks = np.frombuffer(text, np.uint8)
    outside = ~np.logical_xor.accumulate(marks == ord('"'))
    if int(np.cumsum(_STEP[marks[outside]], dtype=np.int32).max(initial=0)) > limits.depth:
        raise DataError("nested-too-deep")


def parse_body(body: bytes) -> dict[str, object]:
    """A line's JSON object. Raises ``DataError`` with the reason. NaN and Infinity are read (and left out later)."""
    try:
        ping = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError("not-utf8") from error
    except RecursionError as error:
        raise DataError("nested-too-deep") from error
    except ValueError as error:
        raise DataError("not-json") from error
    if not isinstance(ping, dict):
        raise DataError("not-an-object")
    return ping


def body_of(line: bytes, limits: Limits) -> bytes:
    """The JSON after the tab. Raises ``DataError``."""
    if len(line) > limits.line_bytes:
        raise DataError("line-too-long")
    _, tab, body = line.partition(b"\t")
    if not tab:
        raise DataError("no-tab")
    return body


def add_line(
    accumulator: Accumulator,
    lines: ArrayLines,
    key: FileKey,
    line: bytes,
    limits: Limits,
    counts: LineCounts,
) -> None:
    """Adds the line's ping, or nothing and counts the line as bad."""
    try:
        body = body_of(line, limits)
        check_depth(body, limits)
        ping = parse_body(body)
        info = ping.get(lines.info)
        if not isinstance(info, dict):
            raise DataError("info-no-object")
        histograms, measurements = ping.get(lines.histograms), ping.get(lines.measurements)
        if isinstance(histograms, dict) and len(histograms) > limits.histograms:
            raise DataError("too-many-histograms")
        if measurements_in(measurements) > limits.measurements:
            raise DataError("too-many-measurements")
        row = lines.checked_row(key, info, limits)
    except DataError as error:
        counts.bad[error.reason] += 1
        return
    add_ping(accumulator, row, histograms, measurements, limits, counts)
    counts.good += 1
