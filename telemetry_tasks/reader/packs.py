"""Packs of one place: heads and sections, each read once by its range of bytes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2.head import ROWS, SUMS, TOTALS, Head, HeadEntry, SectionName, read_head
from telemetry_tasks.formats.layouts.v2.manifest import PackRef
from telemetry_tasks.formats.layouts.v2.names import pack_path
from telemetry_tasks.formats.layouts.v2.numbers import Column, Numbers
from telemetry_tasks.formats.layouts.v2.sections import Section
from telemetry_tasks.reader.errors import NotThere, ReaderError
from telemetry_tasks.reader.sources import Source

T = TypeVar("T")


class Packs:
    """Packs by their names. What a name stands for never changes, so heads are kept."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._heads: dict[str, Head] = {}

    def head(self, ref: PackRef) -> Head:
        """What is in a pack."""
        if ref.pack not in self._heads:
            body = self._source.span(pack_path(ref.pack), 0, ref.head)
            self._heads[ref.pack] = self._decoded(ref, lambda: read_head(body))
        return self._heads[ref.pack]

    def loaded(self, ref: PackRef) -> "Packs":
        """The same pack, read whole by one request: for those who need most of its sections."""
        path = pack_path(ref.pack)
        return Packs(_Loaded(self._source.place, path, self._source.read(path)))

    def totals(self, ref: PackRef, entry: HeadEntry, kind: str) -> Numbers | None:
        """The numbers with all populations of a date added up; None if there are none by this kind of date."""
        section = self._section(ref, entry, SectionName(TOTALS))
        kinds = list(self.head(ref).dates)
        if section is None or kind not in kinds:
            return None
        found = self._decoded(ref, lambda: section.totals(kinds, len(entry.shape.sum_names)))
        self._decoded(ref, section.end)
        return found[kind].numbers

    def rows(self, ref: PackRef, entry: HeadEntry, kind: str) -> Numbers | None:
        """The numbers by population; None if there are none by this kind of date."""
        numbers = self.counts(ref, entry, kind)
        if numbers is None:
            return None
        for group, names in enumerate(entry.shape.sums):
            part = self._section(ref, entry, SectionName(SUMS, kind, group))
            if part is None:
                raise self._damaged(ref, f"{entry.measure} has rows, and no sums")
            columns = self._decoded(ref, partial(_columns, part, len(names), len(numbers.rows)))
            numbers = replace(numbers, sums=(*numbers.sums, *columns))
        return numbers

    def counts(self, ref: PackRef, entry: HeadEntry, kind: str) -> Numbers | None:
        """The numbers by population without their sums; None if there are none by this kind of date."""
        section = self._section(ref, entry, SectionName(ROWS, kind))
        if section is None:
            return None
        index = self._decoded(ref, section.rows)
        numbers = Numbers(index, self._decoded(ref, lambda: section.sparse(len(index))))
        self._decoded(ref, section.end)
        return numbers

    def _section(self, ref: PackRef, entry: HeadEntry, name: SectionName) -> Section | None:
        place = entry.sections.get(name)
        if place is None:
            return None
        body = self._source.span(pack_path(ref.pack), place.begin, place.end)
        return self._decoded(ref, lambda: Section(body))

    def _decoded(self, ref: PackRef, decode: Callable[[], T]) -> T:
        try:
            return decode()
        except DataError as error:
            raise self._damaged(ref, error.detail or error.reason) from error

    def _damaged(self, ref: PackRef, why: str) -> ReaderError:
        return ReaderError(f"{self._source.place}/{pack_path(ref.pack)} is damaged: {why}")


class _Loaded:
    """One object, in memory."""

    def __init__(self, place: str, path: str, body: bytes) -> None:
        self.place, self._path, self._body = place, path, body

    def read(self, path: str) -> bytes:
        if path != self._path:
            raise NotThere(f"{self.place}/{path} was not loaded")
        return self._body

    def span(self, path: str, begin: int, end: int) -> bytes:
        return self.read(path)[begin:end]


def _columns(section: Section, number: int, rows: int) -> list[Column]:
    """All that is in a section of sums."""
    columns = [section.column(rows) for _ in range(number)]
    section.end()
    return columns
