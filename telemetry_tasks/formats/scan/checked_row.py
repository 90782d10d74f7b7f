"""The row of a ping, where its dates and its population are plausible: what every scanner asks."""

from collections.abc import Mapping

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.rows import Row
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.pings.keys import PingKey


def checked_row(ping_format: PingFormat, key: PingKey, info: Mapping[str, object], limits: Limits) -> Row:
    """Whose numbers a ping holds. Raises ``DataError`` where the line is bad, or beyond the limits."""
    row = ping_format.row(key, info)
    if len(row.dimensions) != len(ping_format.dimensions):  # a mistake in a format of a deployment's own
        raise DataError("wrong-number-of-dimensions")
    if limits.judges_rows:
        fault = limits.row_fault(row.build_date, key.submission_date, row.dimensions)
        if fault:
            raise DataError(fault)
    return row
