"""Packs: the numbers of a block of measures over a range of dates, in sections that readers take by range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import deflate
import orjson

from telemetry_tasks.formats.layouts.v2.head import KINDS, SCHEMA
from telemetry_tasks.formats.layouts.v2.numbers import Numbers, Totals
from telemetry_tasks.formats.layouts.v2.sections import (
    Series,
    column_series,
    raw,
    rows_series,
    sparse_series,
    totals_series,
)
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape

LEVEL = 1
"""libdeflate's level."""


@dataclass(frozen=True)
class Entry:
    """A measure and key in one shape: its numbers and their totals by kind of date, and facts about them (JSON)."""

    measure: str
    key: str
    shape: PublishedShape
    numbers: Mapping[str, Numbers]
    totals: Mapping[str, Totals]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EncodedEntry:
    """An entry whose sections are encoded: a tenth of its numbers in memory. ``shape`` is its canonical JSON."""

    measure: str
    key: str
    shape: str
    sections: tuple[bytes, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Pack:
    """What a pack holds, in any order of entries.

    ``dates`` are the dates of each kind, ``populations`` is the name of a table of populations.
    """

    range: str
    block: str
    blocks: int
    populations: str
    dates: Mapping[str, Sequence[str]]
    entries: Sequence[EncodedEntry]


@dataclass(frozen=True, slots=True)
class EncodedPack:
    """The bytes of a pack, and how many of them are its head."""

    body: bytes
    head: int


def encode_entry(entry: Entry) -> EncodedEntry:
    """The sections of an entry. Its numbers must be by all kinds of date of its pack."""
    kinds = [kind for kind in KINDS if kind in entry.numbers]
    sections = [deflated(totals_series(entry.totals, kinds))]
    for kind in kinds:
        sections += _sections(entry.shape, entry.numbers[kind])
    return EncodedEntry(entry.measure, entry.key, entry.shape.text, tuple(sections), entry.facts)


def encode_pack(pack: Pack) -> EncodedPack:
    """The bytes of a pack: the same whatever the order of its entries."""
    texts = sorted({entry.shape for entry in pack.entries})
    shapes = {text: number for number, text in enumerate(texts)}
    order = sorted(pack.entries, key=lambda entry: (entry.measure, entry.key, shapes[entry.shape]))
    head = {
        "schema": SCHEMA,
        "range": pack.range,
        "block": pack.block,
        "blocks": pack.blocks,
        "populations": pack.populations,
        "dates": {kind: list(pack.dates[kind]) for kind in KINDS if kind in pack.dates},
        "shapes": [orjson.Fragment(text) for text in texts],
        "entries": [
            [entry.measure, entry.key, shapes[entry.shape], [len(part) for part in entry.sections], dict(entry.facts)]
            for entry in order
        ],
    }
    packed = deflate.deflate_compress(orjson.dumps(head, option=orjson.OPT_SORT_KEYS), LEVEL)
    totals = [entry.sections[0] for entry in order]
    rest = [part for entry in order for part in entry.sections[1:]]
    return EncodedPack(b"".join([packed, *totals, *rest]), len(packed))


def _sections(shape: PublishedShape, numbers: Numbers) -> list[bytes]:
    """The sections of one kind of date; empty ones if there are no rows."""
    groups = []
    at = 0
    for group in shape.sums:
        groups.append([part for column in numbers.sums[at : at + len(group)] for part in column_series(column)])
        at += len(group)
    series: list[Series] = [[*rows_series(numbers.rows), *sparse_series(numbers.cells)], *groups]
    series += [sparse_series(numbers.shares)] if numbers.shares is not None else []
    series += [sparse_series(numbers.clients)] if numbers.clients is not None else []
    return [deflated(each) if len(numbers.rows) else b"" for each in series]


def deflated(series: Series) -> bytes:
    """A section: a raw deflate stream."""
    return bytes(deflate.deflate_compress(raw(series), LEVEL))
