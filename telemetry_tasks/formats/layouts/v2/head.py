"""The head of a pack: what is in it, and where. Readers import this module: numpy and the standard library suffice.

``{schema, range, block, blocks, populations, dates: {kind: [date, …]}, shapes: [shape, …], entries: [[measure, key,
shape, [length, …], facts], …]}``, canonical JSON as a raw deflate stream. The sections follow it back to back.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2.sections import inflate
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape, read_shape

SCHEMA = 2
BUILD, SUBMISSION, VERSION = "build", "submission", "version"
KINDS = (BUILD, SUBMISSION, VERSION)
"""The kinds of date, in the order in which a pack has them."""

TOTALS, ROWS, SUMS, SHARES, CLIENTS = "totals", "rows", "sums", "shares", "clients"


class SectionName(NamedTuple):
    """Which section of an entry: what it holds, the kind of date, the number of the group of sums."""

    what: str
    kind: str = ""
    group: int = 0


class Span(NamedTuple):
    """Bytes of a pack: from ``begin`` to before ``end``."""

    begin: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class HeadEntry:
    """A measure, key and shape of a pack; ``sections`` has those that are not empty."""

    measure: str
    key: str
    shape: PublishedShape
    sections: Mapping[SectionName, Span]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """A pack without its sections. ``dates`` are those of each kind of date, in the order of ``KINDS``."""

    range: str
    block: str
    blocks: int
    populations: str
    dates: Mapping[str, Sequence[str]]
    entries: Sequence[HeadEntry]


def section_names(shape: PublishedShape, kinds: Sequence[str]) -> list[SectionName]:
    """The sections of an entry, in the order of its lengths."""
    names = [SectionName(TOTALS)]
    for kind in kinds:
        names += [SectionName(ROWS, kind), *(SectionName(SUMS, kind, group) for group in range(len(shape.sums)))]
        names += [SectionName(SHARES, kind)] if shape.shares else []
        names += [SectionName(CLIENTS, kind)] if shape.registers else []
    return names


def read_head(data: bytes) -> Head:
    """The head that ``data`` is: the first bytes of a pack, as many as its manifest says.

    Raises ``DataError`` ``bad-pack`` or ``bad-shape``.
    """
    try:
        value = json.loads(inflate(data))
        if value["schema"] != SCHEMA:
            raise DataError("bad-pack", f"schema {value['schema']!r} is not known")
        dates = {kind: list(map(str, value["dates"][kind])) for kind in KINDS if kind in value["dates"]}
        shapes = [read_shape(shape) for shape in value["shapes"]]
        named = [_Lengths(shapes[number], lengths, tuple(dates)) for _, _, number, lengths, _ in value["entries"]]
        spans = _spans(named, len(data))
        entries = [
            HeadEntry(measure, key, shapes[number], next(spans), facts)
            for measure, key, number, _, facts in value["entries"]
        ]
        return Head(value["range"], value["block"], value["blocks"], value["populations"], dates, entries)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise DataError("bad-pack", f"the head of a pack is damaged: {error}") from error


class _Lengths:
    """The names and lengths of an entry's sections."""

    def __init__(self, shape: PublishedShape, lengths: Sequence[int], kinds: Sequence[str]) -> None:
        names = section_names(shape, kinds)
        if len(names) != len(lengths) or any(type(length) is not int or length < 0 for length in lengths):
            raise ValueError(f"an entry has the lengths {lengths}")
        self.names, self.lengths = names, lengths


def _spans(entries: Sequence[_Lengths], begin: int) -> Iterator[dict[SectionName, Span]]:
    """Where the sections of each entry are: first the totals of all entries, then the rest, entry by entry."""
    totals = list(accumulate((entry.lengths[0] for entry in entries), initial=begin))
    at = totals[-1]
    for number, entry in enumerate(entries):
        ends = list(accumulate(entry.lengths[1:], initial=at))
        places = [Span(totals[number], totals[number + 1]), *map(Span, ends[:-1], ends[1:])]
        at = ends[-1]
        yield {name: place for name, place in zip(entry.names, places, strict=True) if place.size}
