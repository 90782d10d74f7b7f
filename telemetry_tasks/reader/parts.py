"""The numbers of a pack by population, a measure, key, shape and kind of date at a time: for exports."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from telemetry_tasks.formats.layouts.v2.head import KINDS
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, PackRef
from telemetry_tasks.formats.layouts.v2.numbers import Numbers
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from telemetry_tasks.reader.errors import ReaderError
from telemetry_tasks.reader.meaning import Meaning, meaning_of
from telemetry_tasks.reader.packs import Packs


@dataclass(frozen=True)
class Part:
    """A measure, key and shape by one kind of date, over the dates of a pack.

    The rows of ``numbers`` refer to ``dates`` and ``populations`` by index. They have no sums.
    """

    measure: str
    key: str
    shape: PublishedShape
    by: str
    dates: Sequence[str]
    populations: Sequence[tuple[str, ...]]
    numbers: Numbers
    meaning: Meaning


def parts_of(manifest: Manifest, packs: Packs, ref: PackRef, measures: Collection[str] | None = None) -> Iterator[Part]:
    """The parts of a pack, in its order; of these measures, or of all. Raises ``ReaderError``."""
    head = packs.head(ref)
    table = manifest.populations.get(head.populations)
    if table is None:
        raise ReaderError(f"pack {ref.pack} refers to populations that its manifest does not have")
    for entry in head.entries:
        if measures is not None and entry.measure not in measures:
            continue
        known = manifest.measures.get(entry.measure)
        for kind in KINDS:
            numbers = packs.counts(ref, entry, kind)
            if numbers is None:
                continue
            rows = numbers.rows
            if max(rows.populations, default=0) >= len(table) or max(rows.dates, default=0) >= len(head.dates[kind]):
                raise ReaderError(f"pack {ref.pack} refers to a date or population that does not exist")
            positions = sorted(set(numbers.cells.positions.tolist()))
            meaning = meaning_of(entry.shape, known.definition if known else {}, positions)
            if not meaning.edges.keys() >= set(positions):
                raise ReaderError(f"pack {ref.pack} has positions of {entry.measure} that its axis does not have")
            yield Part(entry.measure, entry.key, entry.shape, kind, head.dates[kind], table, numbers, meaning)
