"""The packs of one channel/version: the tables of its measures, cut by range of dates and encoded block by block."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telemetry_tasks.core.blocks import PINGS_BLOCK, block_of_measure
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.disclosure.suppression import Suppressed, suppress_small
from telemetry_tasks.core.disclosure.volume import Volume, volume_of
from telemetry_tasks.core.kinds_of_date import KINDS_OF_DATE
from telemetry_tasks.core.ranges import range_of
from telemetry_tasks.core.shapes import PINGS, Shape, shape_in_tables
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.newest import NewestBuild, newest_shapes
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.core.views import only
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.layouts.v2.from_tables import KIND_OF, Places, numbers_of, published_shape, totals_of
from telemetry_tasks.formats.layouts.v2.names import RECORDS_BLOCK, block_of, blocks_for, table_id
from telemetry_tasks.formats.layouts.v2.pack import EncodedEntry, EncodedPack, Entry, Pack, encode_entry, encode_pack
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from telemetry_tasks.pipeline.publish.populations import Populations, published_measures
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

Dates = dict[str, dict[str, list[str]]]
"""The dates of each kind, by range and kind as packs call it."""


@dataclass(frozen=True, slots=True)
class RenderedMeasure:
    """A measure of a channel/version, without its numbers: all its shapes, and the one of its newest build."""

    shapes: Sequence[PublishedShape]
    newest: NewestBuild
    shown: Suppressed

    def volume(self, unknown_definition: bool) -> Volume:
        """How much is shown of the newest build's shape."""
        return volume_of(self.shown, unknown_definition)


class Packs:
    """Renders the packs of one base. Raises ``BaseMoved`` if there is another base by now.

    ``measures`` is complete once all packs were taken.
    """

    def __init__(self, services: Services, state: ChannelState, base: Base, populations: Populations) -> None:
        self._state, self._base, self._populations = state, base, populations
        self._fewest = services.options.publish_limits.minimum_submissions
        shown, self.not_shown = published_measures(state, base, services.options.publish_limits.most_measures)
        self._names = sorted(shown)
        self.table = sorted(populations.tree.leaf_ids)
        """The populations that packs refer to."""
        self.blocks = blocks_for(len(self._names))
        self.measures: dict[str, RenderedMeasure] = {}

    def __iter__(self) -> Iterator[tuple[str, str, EncodedPack]]:
        """(range, block, pack), one after the other, so that memory holds the numbers of one block of the state."""
        records = self._suppressed(self._tables(self._cells(PINGS_BLOCK)).table("", shape_in_tables(PINGS.shape))).table
        dates = _dates(records)
        yield from self._packs(RECORDS_BLOCK, dates, [_encoded("", records, dates, self._places(dates))])
        by_block: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            by_block[block_of(name, self.blocks)].append(name)
        for block, names in sorted(by_block.items()):
            yield from self._packs(block, dates, list(self._entries(names, dates)))

    def _packs(
        self, block: str, dates: Dates, entries: Sequence[Mapping[str, EncodedEntry]]
    ) -> Iterator[tuple[str, str, EncodedPack]]:
        for name in sorted({name for entry in entries for name in entry}):
            of_range = [entry[name] for entry in entries if name in entry]
            table = table_id(self.table)
            yield name, block, encode_pack(Pack(name, block, self.blocks, table, dates[name], of_range))

    def _entries(self, names: Sequence[str], dates: Dates) -> Iterator[Mapping[str, EncodedEntry]]:
        """The entries of each measure and shape, by range."""
        places = self._places(dates)
        of_state: dict[str, list[str]] = defaultdict(list)
        for name in names:
            of_state[block_of_measure(name)].append(name)
        for block, inside in sorted(of_state.items()):
            wanted = set(inside)
            cells = only(self._cells(block), lambda run: run.measure in wanted)  # noqa: B023 - used at once
            newest = newest_shapes(cells, self._populations.plausible_builds)
            tables = self._tables(cells)
            shapes: dict[str, set[Shape]] = defaultdict(set)
            for run in cells.runs:
                shapes[run.measure].add(shape_in_tables(run.shape))
            for name in sorted(shapes):
                chosen = newest.get(name, NewestBuild("", max(shapes[name]), ""))
                shown = {shape: self._suppressed(tables.table(name, shape)) for shape in sorted(shapes[name])}
                published = [published_shape(shape) for shape, found in shown.items() if len(found.table.keys)]
                self.measures[name] = RenderedMeasure(published, chosen, shown[chosen.shape])
                yield from (_encoded(name, each.table, dates, places) for each in shown.values())

    def _suppressed(self, table: Table) -> Suppressed:
        return suppress_small(table, self._fewest)

    def _tables(self, cells: Cells) -> Tables:
        where = self._populations.where if self._populations.changes_anything else None
        return Tables(cells, where, builds=False)

    def _cells(self, block: str) -> Cells:
        body = blocks_of_base(self._state, self._base, [block]).get(block)
        return Cells() if body is None else cells_format.decode(body)

    def _places(self, dates: Dates) -> dict[str, Places]:
        populations = {population: i for i, population in enumerate(self.table)}
        kinds = {KIND_OF[by]: by for by in KINDS_OF_DATE}
        return {
            name: Places(
                {(kinds[kind], date): i for kind, found in of_range.items() for i, date in enumerate(found)},
                populations,
            )
            for name, of_range in dates.items()
        }


def _dates(records: Table) -> Dates:
    """All dates on which records were counted: those of measures are among them."""
    out: Dates = defaultdict(lambda: {KIND_OF[by]: [] for by in KINDS_OF_DATE})
    for by, date in records.index.dates:
        out[range_of(date)][KIND_OF[by]].append(date)
    return dict(out)


def _encoded(name: str, table: Table, dates: Dates, places: Mapping[str, Places]) -> dict[str, EncodedEntry]:
    """The entry of each range that the table has lines in."""
    shape = published_shape(table.shape)
    range_of_line = np.array([range_of(date) for _, date in table.index.dates])[table.index.date]
    out = {}
    for month in dates:
        lines = np.flatnonzero(range_of_line == month)
        if len(lines):
            part = table.taken(lines)
            entry = Entry(name, "", shape, numbers_of(part, places[month]), totals_of(part, places[month]))
            out[month] = encode_entry(entry)
    return out
