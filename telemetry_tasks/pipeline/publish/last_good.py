"""Definitions that could not be used the last time a channel/version was published; its last good ones stay."""

from telemetry_tasks.errors import DataError, TelemetryError
from telemetry_tasks.pipeline.services import Services


def note_definitions(services: Services, name: str, failure: TelemetryError | None) -> None:
    """Remembers why; None if all could be used."""
    if failure is None:
        services.state.drop_note(_note(name))
        return
    code = "definitions-unusable" if isinstance(failure, DataError) else "definitions-away"
    services.state.set_note(_note(name), f"{code} {failure}".encode())


def definitions_trouble(services: Services, name: str) -> tuple[str, str] | None:
    """The code of the finding and the reason, if definitions could not be used."""
    note = services.state.note(_note(name))
    if note is None:
        return None
    code, _, reason = note.decode("utf-8", "replace").partition(" ")
    return code, reason


def _note(name: str) -> str:
    return f"definitions:{name}"
