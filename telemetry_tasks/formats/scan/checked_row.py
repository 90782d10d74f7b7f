"""The row of a ping, if its dates and its population are within the limits. Every scanner uses this."""

from collections.abc import Mapping

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.rows import Row
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.pings.keys import PingKey


def checked_row(ping_format: PingFormat, key: PingKey, info: Mapping[str, object], limits: Limits) -> Row:
    """The row of a ping. Raises ``DataError`` if the line is bad, or beyond the limits."""
    row = ping_format.row(key, info)
    if len(row.dimensions) != len(ping_format.dimensions):  # a bug in a deployment's own format
        raise DataError("wrong-number-of-dimensions")
    if limits.checks_rows:
        fault = limits.row_fault(row.build_date, key.submission_date, row.dimensions)
        if fault:
            raise DataError(fault)
    return row
