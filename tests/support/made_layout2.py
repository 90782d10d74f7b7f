"""A published folder of layout 2, from plain lines of numbers: ``publish(folder, channel_versions)``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from telemetry_tasks.formats.documents import Document, json_document, text_document
from telemetry_tasks.formats.layouts.v2 import names
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, MeasureEntry, PackRef, manifest_value
from telemetry_tasks.formats.layouts.v2.pack import Entry, Pack, encode_entry, encode_pack
from telemetry_tasks.formats.layouts.v2.shape import NONE, PublishedShape
from telemetry_tasks.formats.layouts.v2.snapshot import ShownVersion, Snapshot, snapshot_value
from tests.formats.layouts.v2.made_numbers import Line, numbers, totals

STAMP = "20261201143956"
RECORDS = PublishedShape({"kind": NONE})


@dataclass(frozen=True)
class MadeMeasure:
    """A measure and key in one shape; lines by kind of date, each with the date itself: ``{kind: [(date, line)]}``.

    The date index of a line is not used.
    """

    name: str
    shape: PublishedShape
    lines: Mapping[str, Sequence[tuple[str, Line]]]
    key: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MadeChannelVersion:
    """A channel/version. ``populations`` are sorted; lines refer to them by index."""

    dimensions: Sequence[str]
    populations: Sequence[tuple[str, ...]]
    measures: Sequence[MadeMeasure]


def publish(folder: Path, channel_versions: Mapping[str, MadeChannelVersion], stamp: str = STAMP) -> Snapshot:
    """Writes a snapshot into a folder, and shows it."""
    shown = {}
    for name, made in channel_versions.items():
        manifest = _manifest(folder, name, made)
        files = _put(folder, names.DOCUMENTS, json_document({"schema": 2, "processed": [], "missing": []}))
        as_of = dict.fromkeys(manifest.ranges, stamp)
        digest = _put(folder, names.MANIFESTS, json_document(manifest_value(manifest)))
        shown[name] = ShownVersion(digest, files, manifest.records, as_of)
    documents = {name: _put(folder, names.DOCUMENTS, text_document([])) for name in (names.PROCESSED, names.MISSING)}
    snapshot = Snapshot(stamp, 1, shown, documents, min(shown, default=None))
    body = json_document(snapshot_value(snapshot)).body
    _write(folder / names.snapshot_path(stamp), body)
    _write(folder / names.LATEST, body)
    return snapshot


def _manifest(folder: Path, name: str, made: MadeChannelVersion) -> Manifest:
    table = names.table_id(made.populations)
    blocks = names.blocks_for(len({measure.name for measure in made.measures if measure.name}))
    packs: dict[str, dict[str, PackRef]] = {}
    places = sorted({(_range(date), names.block_of(m.name, blocks)) for m in made.measures for date in _dates(m)})
    for month, block in places:
        entries = [m for m in made.measures if names.block_of(m.name, blocks) == block]
        body = _pack(month, block, blocks, table, entries)
        packs.setdefault(month, {})[block] = PackRef(_put_bytes(folder, body.body), len(body.body), body.head, "")
    measures = {}
    for each in sorted({m.name for m in made.measures if m.name}):
        of = [m for m in made.measures if m.name == each]
        shapes = sorted({m.shape.text: m.shape for m in of}.items())
        measures[each] = MeasureEntry(of[0].definition, [shape for _, shape in shapes], {"shape": 0}, {"dates": 1})
    records = sum(line.records for m in made.measures if not m.name for _, line in m.lines.get("build", ()))
    dimensions = list(made.dimensions)
    return Manifest(name, records, dimensions, {"_id": 0}, {table: list(made.populations)}, blocks, measures, packs, {})


def _pack(month: str, block: str, blocks: int, table: str, measures: Sequence[MadeMeasure]) -> Any:
    kinds = [kind for kind in ("build", "submission", "version") if any(kind in m.lines for m in measures)]
    dates = {
        kind: list(dict.fromkeys(sorted({d for m in measures for d, _ in m.lines.get(kind, ()) if _range(d) == month})))
        for kind in kinds
    }
    entries = []
    for measure in measures:
        lines = {
            kind: sorted(
                line._replace(date=dates[kind].index(date))
                for date, line in measure.lines.get(kind, ())
                if _range(date) == month
            )
            for kind in kinds
        }
        sums = len(measure.shape.sum_names)
        entries.append(
            Entry(
                measure.name,
                measure.key,
                measure.shape,
                {
                    kind: numbers(each, sums, shares=measure.shape.shares, clients=bool(measure.shape.registers))
                    for kind, each in lines.items()
                },
                {kind: totals(each, sums) for kind, each in lines.items()},
            )
        )
    return encode_pack(Pack(month, block, blocks, table, dates, [encode_entry(entry) for entry in entries]))


def _dates(measure: MadeMeasure) -> set[str]:
    return {date for lines in measure.lines.values() for date, _ in lines}


def _range(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}" if len(date) == len("YYYYMMDD") and date.isdigit() else "all"


def _put(folder: Path, kind: str, document: Document) -> str:
    digest = names.name_of(document.body)
    _write(folder / kind / digest, document.body)
    return digest


def _put_bytes(folder: Path, body: bytes) -> str:
    digest = names.name_of(body)
    _write(folder / names.pack_path(digest), body)
    return digest


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
