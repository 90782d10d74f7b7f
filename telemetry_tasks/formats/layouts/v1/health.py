"""``health.json``: the health of each channel/version, which its file list holds too.

``{schema, versions: {channel/version: health}, implausible?: {channel: outside}}``; docs/formats.md lists the members.
"""

from collections.abc import Mapping
from typing import Any

from telemetry_tasks.core.disclosure.collapse import Collapsed
from telemetry_tasks.core.disclosure.health import Day, Health
from telemetry_tasks.core.plausible import Outside
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json

SCHEMA = 1
HEALTH = "health.json"

_AS_THEY_ARE = (
    *("files", "missing", "pings", "bytes", "bad_lines", "left_out", "small_cells"),
    *("first_build_date", "last_build_date", "last_submission_date", "unknown_definitions"),
)
"""Members that are written as the values of ``Health`` of these names."""


def health_document(versions: Mapping[str, Health], implausible: Mapping[str, Outside]) -> Document:
    """The health of the channel/versions, and which versions of a channel are implausible."""
    entries = {name: health_entry(health) for name, health in versions.items()}
    more = {"implausible": dict(implausible)} if implausible else {}
    return json_document({"schema": SCHEMA, "versions": entries, **more})


def read_health(body: bytes) -> dict[str, Health]:
    """The health of each channel/version. Raises ``DataError`` ``bad-health``."""
    try:
        value = read_json(body)
        if value["schema"] != SCHEMA:
            raise DataError("bad-health", f"schema {value['schema']!r} is not known")
        return {name: read_health_entry(entry) for name, entry in value["versions"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-health", str(error)) from error


def health_entry(health: Health) -> dict[str, Any]:
    """What is told of a channel/version.

    ``collapsed`` does not have the names of options: clients invent them, and names that are not allowed are not shown.
    """
    collapsed = [
        {name: getattr(part, name) for name in ("reason", "dimension", "number", "pings")} for part in health.collapsed
    ]
    return {
        **{name: getattr(health, name) for name in _AS_THEY_ARE},
        "missing_files": [{"file": file, "reason": reason} for file, reason in health.missing_files],
        "days": {date: day._asdict() for date, day in health.days.items()},
        **({"collapsed": collapsed} if collapsed else {}),
        **({"implausible": dict(health.implausible)} if health.implausible else {}),
    }


def read_health_entry(entry: Mapping[str, Any]) -> Health:
    """The health of a channel/version. Raises ``DataError`` ``bad-health``."""
    try:
        return Health(
            **{name: entry[name] for name in _AS_THEY_ARE},
            missing_files=[(each["file"], each["reason"]) for each in entry["missing_files"]],
            days={date: Day(**day) for date, day in entry["days"].items()},
            collapsed=tuple(Collapsed(**part) for part in entry.get("collapsed", ())),
            implausible=entry.get("implausible", {}),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-health", str(error)) from error
