"""Ping formats: one module each, registered here. To add one, see docs/ping-formats.md.

A format defines which parts of a ping's JSON the scanners read, and to which row the numbers belong.
"""

import importlib
from collections.abc import Callable, Sequence

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.pings.saved_session import SavedSession

FORMATS: dict[str, Callable[[Sequence[str], str], PingFormat]] = {
    "saved-session": SavedSession,
    # Register Firefox main pings, Glean pings and OpenTelemetry metrics here.
}


def ping_format(name: str, dimensions: Sequence[str], fallback_revision: str) -> PingFormat:
    """The format of that name, or the deployment's own class ``MODULE:CLASS``.

    Raises ``OperatorError`` for unknown names and dimensions.
    """
    if name in FORMATS:
        return FORMATS[name](dimensions, fallback_revision)
    if ":" in name:
        form = _imported(name)(dimensions, fallback_revision)
        if type(getattr(form, "version", None)) is not int:
            raise OperatorError(f"ping format {name!r} declares no version: give its class a line such as version = 1")
        return form
    known = ", ".join(FORMATS)
    raise OperatorError(f"ping format {name!r} is not known; choose one of: {known}, or MODULE:CLASS of your own")


def _imported(name: str) -> Callable[[Sequence[str], str], PingFormat]:
    module, _, attribute = name.partition(":")
    try:
        found: Callable[[Sequence[str], str], PingFormat] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise OperatorError(f"ping format {name!r} cannot be imported: {error}; is it on PYTHONPATH?") from error
    return found
