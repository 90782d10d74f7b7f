"""Which ping formats there are: each is a class in its own folder, loaded when a deployment names it."""

import importlib
from collections.abc import Callable, Mapping, Sequence

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.contract import MEMBERS, PingFormat

FORMATS: Mapping[str, str] = {
    "saved-session": "telemetry_tasks.formats.pings.saved_session.format:SavedSession",
    # Register Firefox main pings, Glean pings and OpenTelemetry metrics here.
}
"""``MODULE:CLASS`` of each. The class is called with the dimensions and the fallback revision of the settings."""


def ping_format(name: str, dimensions: Sequence[str], fallback_revision: str) -> PingFormat:
    """The format of that name, or the deployment's own class ``MODULE:CLASS``.

    Raises ``OperatorError`` for unknown names and dimensions, and for a class that lacks members of ``PingFormat``.
    """
    where = FORMATS.get(name, name)
    if ":" not in where:
        known = ", ".join(FORMATS)
        raise OperatorError(f"ping format {name!r} is not known; choose one of: {known}, or MODULE:CLASS of your own")
    form = _imported(where)(dimensions, fallback_revision)
    missing = [member for member in MEMBERS if not hasattr(form, member)]
    if missing:
        raise OperatorError(f"ping format {name!r} lacks {', '.join(missing)}: see docs/ping-formats.md")
    if type(form.version) is not int:
        raise OperatorError(f"ping format {name!r} has a version that is not a whole number: write version = 1")
    return form


def _imported(where: str) -> Callable[[Sequence[str], str], PingFormat]:
    module, _, attribute = where.partition(":")
    try:
        found: Callable[[Sequence[str], str], PingFormat] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise OperatorError(f"ping format {where!r} cannot be imported: {error}; is it on PYTHONPATH?") from error
    return found
