"""``measures.json``: what a search box shows of each measure. Submissions and dates are by build date.

``{schema, channel_version, pings, measures: {NAME: {kind, description, original_kind?, submissions, dates, first, last,
small_cells?, left_out_cells?, unknown_definition?}}}``.
"""

from collections.abc import Mapping
from typing import Any

from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import ChannelFacts, MeasureFacts

SCHEMA = 1
MEASURES = "measures.json"

_OF_DEFINITION = ("kind", "description", "original_kind")
_ALWAYS = ("submissions", "dates", "first", "last")
_OF_SMALL_CELLS = ("small_cells", "left_out_cells")


def measures_document(channel: ChannelFacts) -> Document:
    """The index of a channel/version's measures."""
    entries = {measure: _entry(facts) for measure, facts in channel.measures.items()}
    value = {"schema": SCHEMA, "channel_version": channel.name, "pings": channel.pings, "measures": entries}
    return json_document(value)


def read_measures(body: bytes) -> dict[str, Volume]:
    """How much is shown of each measure. Raises ``DataError`` ``bad-measures``."""
    try:
        value = read_json(body)
        if value["schema"] != SCHEMA:
            raise DataError("bad-measures", f"schema {value['schema']!r} is not known")
        return {measure: read_volume(entry) for measure, entry in value["measures"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-measures", str(error)) from error


def _entry(facts: MeasureFacts) -> dict[str, Any]:
    shown = {name: facts.definition[name] for name in _OF_DEFINITION if name in facts.definition}
    return {**shown, **volume_entry(facts.volume)}


def volume_entry(volume: Volume) -> dict[str, Any]:
    """The volume of a measure; members that are usually 0 or false are present only if they are not."""
    names = (*_ALWAYS, *(_OF_SMALL_CELLS if volume.small_cells else ()))
    entry = {name: getattr(volume, name) for name in names}
    return {**entry, "unknown_definition": True} if volume.unknown_definition else entry


def read_volume(entry: Mapping[str, Any]) -> Volume:
    """The volume of a measure. Raises ``KeyError`` and ``TypeError`` if it is not one."""
    small = {name: entry[name] for name in _OF_SMALL_CELLS if name in entry}
    unknown = entry.get("unknown_definition", False)
    return Volume(**{name: entry[name] for name in _ALWAYS}, **small, unknown_definition=unknown)
