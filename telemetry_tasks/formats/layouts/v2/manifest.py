"""The manifest of a channel/version: its measures, its populations, and the pack of each block and range of dates.

``{schema, channel_version, records, dimensions, tree, populations, blocks, measures, ranges, facts}``; docs/layout-2.md
lists the members. Readers import this module: the standard library is all it needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape, read_shape

SCHEMA = 2

Population = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackRef:
    """A pack: its name, bytes in all and of its head, and a digest of all that its bytes depend on."""

    pack: str
    size: int
    head: int
    input: str


@dataclass(frozen=True, slots=True)
class MeasureEntry:
    """A measure without its numbers.

    ``shapes`` are all that it has; ``newest`` names the build whose ``definition`` is shown, ``{build_id, revision,
    shape}``, with the number of its shape. ``volume`` tells how much is shown of it.
    """

    definition: Mapping[str, Any]
    shapes: Sequence[PublishedShape]
    newest: Mapping[str, Any]
    volume: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A channel/version. ``ranges`` has the packs by range of dates and block; ``facts`` names a document by range.

    ``tree`` is the filter tree as JSON; ``populations`` has the tables that packs refer to, by their names.
    """

    channel_version: str
    records: int
    dimensions: Sequence[str]
    tree: Mapping[str, Any]
    populations: Mapping[str, Sequence[Population]]
    blocks: int
    measures: Mapping[str, MeasureEntry] = field(default_factory=dict)
    ranges: Mapping[str, Mapping[str, PackRef]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def manifest_value(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON."""
    return {
        "schema": SCHEMA,
        "channel_version": manifest.channel_version,
        "records": manifest.records,
        "dimensions": list(manifest.dimensions),
        "tree": dict(manifest.tree),
        "populations": {name: [list(each) for each in table] for name, table in manifest.populations.items()},
        "blocks": manifest.blocks,
        "measures": {name: _measure_value(entry) for name, entry in manifest.measures.items()},
        "ranges": {
            name: {
                block: {"pack": ref.pack, "size": ref.size, "head": ref.head, "input": ref.input}
                for block, ref in packs.items()
            }
            for name, packs in manifest.ranges.items()
        },
        "facts": dict(manifest.facts),
    }


def _measure_value(entry: MeasureEntry) -> dict[str, Any]:
    return {
        "definition": dict(entry.definition),
        "shapes": [shape.value() for shape in entry.shapes],
        "newest": dict(entry.newest),
        "volume": dict(entry.volume),
    }


def read_manifest(value: Any) -> Manifest:
    """The manifest of its JSON. Raises ``DataError`` ``bad-manifest`` or ``bad-shape``."""
    try:
        if value["schema"] != SCHEMA:
            raise DataError("bad-manifest", f"schema {value['schema']!r} is not known")
        tables = {name: [tuple(map(str, each)) for each in table] for name, table in value["populations"].items()}
        measures = {
            name: MeasureEntry(
                each["definition"], [read_shape(shape) for shape in each["shapes"]], each["newest"], each["volume"]
            )
            for name, each in value["measures"].items()
        }
        ranges = {
            name: {block: PackRef(**ref) for block, ref in packs.items()} for name, packs in value["ranges"].items()
        }
        return Manifest(
            value["channel_version"],
            value["records"],
            value["dimensions"],
            value["tree"],
            tables,
            value["blocks"],
            measures,
            ranges,
            value["facts"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("bad-manifest", str(error)) from error
