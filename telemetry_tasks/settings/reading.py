"""The fingerprint of the settings that decide what a row means. Only those who need it import the ping formats."""

from telemetry_tasks.core.reading import Reading
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.settings.all import Settings


def reading(settings: Settings, form: PingFormat) -> str:
    """The fingerprint of the settings that decide what a row means. ``form`` is the ping format that they name."""
    return Reading(
        ping_format=settings.ping_format,
        ping_format_version=form.version,
        dimensions=settings.dimensions,
        fallback_revision=settings.fallback_revision,
    ).fingerprint
