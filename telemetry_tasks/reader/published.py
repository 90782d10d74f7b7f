"""What is published at a place: its snapshot, its channel/versions, their measures by date."""

import gzip
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2.head import BUILD, KINDS, Head, HeadEntry
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, MeasureEntry, PackRef, read_manifest
from telemetry_tasks.formats.layouts.v2.names import LATEST, block_of, document_path, manifest_path
from telemetry_tasks.formats.layouts.v2.numbers import Numbers
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from telemetry_tasks.formats.layouts.v2.snapshot import Snapshot, read_snapshot
from telemetry_tasks.reader.adding import Added, by_date
from telemetry_tasks.reader.errors import NotThere, ReaderError
from telemetry_tasks.reader.evolution import Evolution, Point
from telemetry_tasks.reader.packs import Packs
from telemetry_tasks.reader.parts import Part, parts_of
from telemetry_tasks.reader.sources import Source

T = TypeVar("T")


class Published:
    """A snapshot, as it was when it was opened: later ones do not change it."""

    def __init__(self, source: Source) -> None:
        self._source, self._packs = source, Packs(source)
        try:
            self.snapshot: Snapshot = self._document(LATEST, read_snapshot)
        except NotThere as error:
            raise NotThere(f"nothing is published at {source.place}: {LATEST} does not exist there") from error

    @property
    def stamp(self) -> str:
        """The stamp of the snapshot, ``YYYYMMDDhhmmss``."""
        return self.snapshot.stamp

    @property
    def channel_versions(self) -> list[str]:
        """The channel/versions that have data, ascending."""
        return sorted(name for name, version in self.snapshot.versions.items() if version.manifest is not None)

    def channel_version(self, name: str) -> "ChannelVersion":
        """One channel/version. Raises ``NotThere``."""
        version = self.snapshot.versions.get(name)
        if version is None or version.manifest is None:
            raise NotThere(f"{name} is not published; published are: {', '.join(self.channel_versions) or 'none'}")
        manifest = self._document(manifest_path(version.manifest), read_manifest)
        return ChannelVersion(manifest, version.as_of, self._packs)

    def document(self, name: str) -> bytes:
        """``FILES_PROCESSED``, ``FILES_MISSING`` or ``health.json`` of the snapshot. Raises ``NotThere``."""
        if name not in self.snapshot.documents:
            raise NotThere(f"the snapshot has no {name}; it has: {', '.join(sorted(self.snapshot.documents))}")
        return unpacked(self._source.read(document_path(self.snapshot.documents[name])))

    def _document(self, path: str, read: Callable[[Any], T]) -> T:
        try:
            return read(json.loads(unpacked(self._source.read(path))))
        except (DataError, ValueError, OSError, EOFError) as error:
            raise ReaderError(f"{self._source.place}/{path} is damaged: {error}") from error


def unpacked(body: bytes) -> bytes:
    """The bytes of a document, whether a server has taken its compression off or not."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


class ChannelVersion:
    """The measures of a channel/version. ``as_of`` says, by range of dates, which snapshot showed it first."""

    def __init__(self, manifest: Manifest, as_of: Mapping[str, str], packs: Packs) -> None:
        self.manifest, self.as_of, self._packs = manifest, as_of, packs

    @property
    def name(self) -> str:
        """``channel/version``."""
        return self.manifest.channel_version

    @property
    def records(self) -> int:
        """How many records count."""
        return self.manifest.records

    @property
    def measures(self) -> Mapping[str, MeasureEntry]:
        """The measures, without their numbers, by name."""
        return self.manifest.measures

    @cached_property
    def options(self) -> dict[str, list[str]]:
        """The options of each dimension, ascending."""
        populations = {each for table in self.manifest.populations.values() for each in table}
        return {
            dimension: sorted({each[i] for each in populations}) for i, dimension in enumerate(self.manifest.dimensions)
        }

    def keys(self, measure: str) -> list[str]:
        """The keys that a measure is split by, ascending; most have none but the empty one. Raises ``NotThere``."""
        self._ensure(measure)
        return sorted({entry.key for _, head in self._heads(measure) for entry in _entries(head, measure)})

    def evolution(
        self,
        measure: str,
        *,
        by: str = BUILD,
        where: Mapping[str, Collection[str]] | None = None,
        key: str = "",
        start: str = "",
        end: str = "",
    ) -> Evolution:
        """A measure by ``build``, ``submission`` or ``version``.

        ``where`` keeps the populations that have one of these options in each dimension named; ``start`` and ``end``
        are the first and the last date. The measure ``""`` counts records. Of a date on which the measure had several
        shapes, the one with the most records is taken. Raises ``NotThere``, ``ReaderError``.
        """
        self._ensure(measure)
        if by not in KINDS:
            raise NotThere(f"there is no kind of date {by}; use one of: {', '.join(KINDS)}")
        chosen = self._chosen(where or {})
        added: dict[tuple[str, str], Added] = {}
        shapes: dict[str, PublishedShape] = {}
        keys: set[str] = set()
        for ref, head in self._heads(measure):
            dates = head.dates.get(by, ())
            if not any(_within(date, start, end, by) for date in dates):
                continue
            for entry in _entries(head, measure):
                keys.add(entry.key)
                if entry.key == key and (numbers := self._numbers(ref, entry, by, filtered=bool(where))) is not None:
                    shapes[entry.shape.text] = entry.shape
                    of_pack = _rows(numbers, head, chosen if where else None)
                    for date, records, cells, sums in by_date(numbers, of_pack):
                        if _within(dates[date], start, end, by):
                            place = (dates[date], entry.shape.text)
                            target = added.setdefault(place, Added(len(entry.shape.sum_names)))
                            target.add(records, cells, sums)
        if key and key not in keys:
            raise NotThere(f"{measure} has no key {key}; it has: {', '.join(sorted(keys)) or 'none'}")
        definition = self.measures[measure].definition if measure else {}
        return Evolution(measure, by, key, definition, _points(added, shapes, by))

    def packs_of(self, measures: Collection[str] | None = None) -> list[PackRef]:
        """The packs that hold these measures, or all, by range of dates and block. Raises ``NotThere``."""
        for measure in measures or ():
            self._ensure(measure)
        blocks = None if measures is None else {block_of(measure, self.manifest.blocks) for measure in measures}
        return [
            ref
            for _, packs in sorted(self.manifest.ranges.items())
            for block, ref in sorted(packs.items())
            if blocks is None or block in blocks
        ]

    def parts(self, ref: PackRef, measures: Collection[str] | None = None) -> Iterator[Part]:
        """The numbers of a pack by population: of these measures, or of all; ``""`` counts records.

        Reads the pack by one request. Raises ``ReaderError``.
        """
        return parts_of(self.manifest, self._packs.loaded(ref), ref, measures)

    def _ensure(self, measure: str) -> None:
        if measure and measure not in self.measures:
            near = [name for name in self.measures if measure.lower() in name.lower()][:10]
            hint = f"; similar: {', '.join(sorted(near))}" if near else ""
            raise NotThere(f"{self.name} has no measure {measure}{hint}")

    def _heads(self, measure: str) -> Iterator[tuple[PackRef, Head]]:
        block = block_of(measure, self.manifest.blocks)
        for _, packs in sorted(self.manifest.ranges.items()):
            if ref := packs.get(block):
                yield ref, self._packs.head(ref)

    def _numbers(self, ref: PackRef, entry: HeadEntry, by: str, *, filtered: bool) -> Numbers | None:
        return self._packs.rows(ref, entry, by) if filtered else self._packs.totals(ref, entry, by)

    def _chosen(self, where: Mapping[str, Collection[str]]) -> dict[str, np.ndarray]:
        """Which populations of each table are meant (bool)."""
        for dimension, options in where.items():
            known = self.options.get(dimension)
            if known is None:
                raise NotThere(f"there is no dimension {dimension}; there are: {', '.join(self.manifest.dimensions)}")
            for option in options:
                if option not in known:
                    raise NotThere(f"{dimension} has no option {option}; it has: {', '.join(known)}")
        places = [(self.manifest.dimensions.index(dimension), set(options)) for dimension, options in where.items()]
        return {
            name: np.array([all(each[i] in options for i, options in places) for each in table], bool)
            for name, table in self.manifest.populations.items()
        }


def _entries(head: Head, measure: str) -> Iterator[HeadEntry]:
    return (entry for entry in head.entries if entry.measure == measure)


def _rows(numbers: Numbers, head: Head, chosen: Mapping[str, np.ndarray] | None) -> np.ndarray:
    """Which rows are meant (bool)."""
    if chosen is None:
        return np.ones(len(numbers.rows), bool)
    try:
        return chosen[head.populations][numbers.rows.populations]
    except (KeyError, IndexError) as error:
        raise ReaderError(f"a pack refers to a population that its manifest does not have: {error}") from error


def _within(date: str, start: str, end: str, by: str) -> bool:
    """Versions are sorted in their own order, so that they have no first and last one."""
    return by not in (BUILD, "submission") or (start <= date and (not end or date <= end))


def _points(added: Mapping[tuple[str, str], Added], shapes: Mapping[str, PublishedShape], by: str) -> list[Point]:
    """A point for each date, of the shape with the most records; of equal ones, the first."""
    of_date: dict[str, list[tuple[str, Added]]] = {}
    for (date, shape), numbers in sorted(added.items()) if by != "version" else added.items():
        of_date.setdefault(date, []).append((shape, numbers))
    points = []
    for date, found in of_date.items():
        shape, most = max(sorted(found, key=lambda each: each[0]), key=lambda each: each[1].records)
        left_out = sum(numbers.records for _, numbers in found) - most.records
        sums = dict(zip(shapes[shape].sum_names, most.sums, strict=True))
        points.append(Point(date, shapes[shape], most.records, most.cells, sums, left_out))
    return points
