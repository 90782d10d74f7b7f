"""Ping formats: one file each, registered here. To add one, see docs/ping-formats.md.

A format says where in the JSON of a ping the parts are that scanners read, and whose numbers they are.
"""

from collections.abc import Callable, Sequence

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.pings.saved_session import SavedSession

FORMATS: dict[str, Callable[[Sequence[str], str], PingFormat]] = {
    "saved-session": SavedSession,
    # Firefox main pings, Glean pings and OpenTelemetry metrics find their place here.
}


def ping_format(name: str, dimensions: Sequence[str], fallback_revision: str) -> PingFormat:
    """The format of that name. Raises ``OperatorError`` for names and dimensions that are not known."""
    if name not in FORMATS:
        raise OperatorError(f"ping format {name!r} is not known; choose one of: {', '.join(FORMATS)}")
    return FORMATS[name](dimensions, fallback_revision)
