"""``manifest.json`` of a channel/version's folder: its measures, and size and SHA-256 of each file but itself.

``{schema, tree, measures: {NAME: facts}, files: {name: [size, SHA-256]}}``. A task that renders a part of a
channel/version reports in a document of the same form what it wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import MeasureFacts
from telemetry_tasks.formats.layouts.v1.measures import read_volume, volume_entry

SCHEMA = 1
MANIFEST = "manifest.json"
_AS_THEY_ARE = ("cells", "input", "build_id", "length", "revision", "definition")
"""Members of a measure that are written as the values of ``MeasureFacts`` of these names."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A channel/version's folder; ``tree`` is the digest of all that decides under which filter id a cell is."""

    tree: str
    measures: Mapping[str, MeasureFacts] = field(default_factory=dict)
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def manifest_document(manifest: Manifest) -> Document:
    """The manifest of a folder."""
    measures = {name: _entry(facts) for name, facts in manifest.measures.items()}
    files = {name: list(facts) for name, facts in manifest.files.items()}
    return json_document({"schema": SCHEMA, "tree": manifest.tree, "measures": measures, "files": files})


def read_manifest(body: bytes) -> Manifest:
    """Decodes a manifest. Raises ``DataError`` ``bad-manifest``."""
    try:
        value = read_json(body)
        if value["schema"] != SCHEMA:
            raise DataError("bad-manifest", f"schema {value['schema']!r} is not known")
        measures = {name: _read_entry(entry) for name, entry in value["measures"].items()}
        return Manifest(value["tree"], measures, {name: (size, sha) for name, (size, sha) in value["files"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("bad-manifest", str(error)) from error


def _entry(facts: MeasureFacts) -> dict[str, Any]:
    # asdict() copies deeply, which takes half the time of a publish without changes
    return {**{name: getattr(facts, name) for name in _AS_THEY_ARE}, "facts": volume_entry(facts.volume)}


def _read_entry(entry: Mapping[str, Any]) -> MeasureFacts:
    return MeasureFacts(**{name: entry[name] for name in _AS_THEY_ARE}, volume=read_volume(entry["facts"]))
