"""One line by the json module: obvious and slow. Fast scanners hand it every line that is out of the ordinary."""

import json

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.ping import Limits, LineCounts, add_ping
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.keys import PingKey
from telemetry_tasks.formats.pings.contract import PingFormat


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
    """What follows the tab. Raises ``DataError``."""
    if len(line) > limits.line_bytes:
        raise DataError("line-too-long")
    _, tab, body = line.partition(b"\t")
    if not tab:
        raise DataError("no-tab")
    return body


def add_line(
    accumulator: Accumulator,
    ping_format: PingFormat,
    key: PingKey,
    line: bytes,
    limits: Limits,
    counts: LineCounts,
) -> None:
    """Adds the line's ping, or nothing and counts the line as bad."""
    try:
        ping = parse_body(body_of(line, limits))
        info = ping.get(ping_format.info)
        if not isinstance(info, dict):
            raise DataError("info-no-object")
        histograms, measurements = ping.get(ping_format.histograms), ping.get(ping_format.measurements)
        if isinstance(histograms, dict) and len(histograms) > limits.histograms:
            raise DataError("too-many-histograms")
        row = ping_format.row(key, info)
    except DataError as error:
        counts.bad[error.reason] += 1
        return
    add_ping(accumulator, row, histograms, measurements, limits, counts)
    counts.good += 1
