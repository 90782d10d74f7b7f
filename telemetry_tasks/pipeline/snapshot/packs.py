"""The packs of one channel/version: the tables of its measures, cut by range of dates and encoded block by block."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from telemetry_tasks.core.blocks import PINGS_BLOCK, block_of_measure
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.digests import text_of
from telemetry_tasks.core.disclosure.suppression import Suppressed, suppress_small
from telemetry_tasks.core.disclosure.volume import Volume, volume_of
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import KINDS_OF_DATE
from telemetry_tasks.core.ranges import range_of
from telemetry_tasks.core.shapes import PINGS, Shape, shape_in_tables
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.newest import NewestBuild, newest_shapes
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.core.views import only
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.layouts.v1.measures import read_volume
from telemetry_tasks.formats.layouts.v2.from_tables import KIND_OF, Places, numbers_of, published_shape, totals_of
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, MeasureEntry, PackRef
from telemetry_tasks.formats.layouts.v2.names import RECORDS_BLOCK, block_of, blocks_for, name_of, table_id
from telemetry_tasks.formats.layouts.v2.pack import EncodedEntry, Entry, Pack, encode_entry, encode_pack
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from telemetry_tasks.pipeline.publish.populations import Populations, published_measures
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

Dates = dict[str, dict[str, list[str]]]
"""The dates of each kind, by range and kind as packs call it."""

RENDERING = "1"
"""Changes whenever the same cells and settings give other bytes."""


@dataclass(frozen=True, slots=True)
class RenderedMeasure:
    """A measure of a channel/version, without its numbers: all its shapes, and the one of its newest build.

    ``volume`` says how much is shown of the newest build's shape; of its definition it knows nothing.
    """

    shapes: Sequence[PublishedShape]
    newest: NewestBuild
    volume: Volume


@dataclass(frozen=True, slots=True)
class MadePack:
    """A pack as the manifest names it. ``body`` is None if the manifest of before names it: then it exists."""

    range: str
    block: str
    ref: PackRef
    body: bytes | None


class Packs:
    """The packs of one base. Raises ``BaseMoved`` if there is another base by now.

    Blocks whose input is that of ``before``, the manifest that is shown, are not rendered. ``measures`` is complete
    once all packs were taken.
    """

    def __init__(
        self,
        services: Services,
        state: ChannelState,
        base: Base,
        populations: Populations,
        before: Manifest | None = None,
    ) -> None:
        self._state, self._base, self._populations = state, base, populations
        self._fewest = services.options.publish_limits.minimum_submissions
        shown, self.not_shown = published_measures(state, base, services.options.publish_limits.most_measures)
        self._before = before
        self._names = sorted(shown)
        self.table = sorted(populations.tree.leaf_ids)
        """The populations that packs refer to."""
        self.blocks = blocks_for(len(self._names))
        self.measures: dict[str, RenderedMeasure] = {}

    def __iter__(self) -> Iterator[MadePack]:
        """One after the other, so that memory holds the numbers of one block of the state."""
        records = self._suppressed(self._tables(self._cells(PINGS_BLOCK)).table("", shape_in_tables(PINGS.shape))).table
        dates = _dates(records)
        counted = [_encoded("", records, dates, self._places(dates))]
        yield from self._packs(RECORDS_BLOCK, dates, counted, self._input([PINGS.measure], dates))
        by_block: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            by_block[block_of(name, self.blocks)].append(name)
        for block, names in sorted(by_block.items()):
            digest = self._input(names, dates)
            same = self._same(block, names, digest)
            if same:
                yield from same
            else:
                yield from self._packs(block, dates, list(self._entries(names, dates)), digest)

    def _input(self, names: Sequence[str], dates: Dates) -> str:
        """A digest of all that the packs of these measures depend on."""
        text = (
            RENDERING,
            str(self.blocks),
            table_id(self.table),
            self._populations.digest,
            text_of(self._populations.plausible_builds),
            text_of(sorted((month, sorted(of_range.items())) for month, of_range in dates.items())),
            text_of([(name, self._base.measures.get(name, "")) for name in names]),
        )
        return hashlib.sha256("\n".join(text).encode()).hexdigest()[:32]

    def _same(self, block: str, names: Sequence[str], digest: str) -> list[MadePack]:
        """The packs of the block as the manifest of before names them; none if the block has to be rendered."""
        if self._before is None:
            return []
        packs = {month: found[block] for month, found in self._before.ranges.items() if block in found}
        measures = {name: _as_before(self._before.measures.get(name)) for name in names}
        known = {name: measure for name, measure in measures.items() if measure is not None}
        if len(known) < len(names) or any(ref.input != digest for ref in packs.values()):
            return []
        self.measures |= known
        return [MadePack(month, block, ref, None) for month, ref in packs.items()]

    def _packs(
        self, block: str, dates: Dates, entries: Sequence[Mapping[str, EncodedEntry]], digest: str
    ) -> Iterator[MadePack]:
        there = (
            {ref.pack for found in self._before.ranges.values() for ref in found.values()} if self._before else set()
        )
        for name in sorted({name for entry in entries for name in entry}):
            of_range = [entry[name] for entry in entries if name in entry]
            pack = encode_pack(Pack(name, block, self.blocks, table_id(self.table), dates[name], of_range))
            ref = PackRef(name_of(pack.body), len(pack.body), pack.head, digest)
            yield MadePack(name, block, ref, None if ref.pack in there else pack.body)

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
                self.measures[name] = RenderedMeasure(published, chosen, volume_of(shown[chosen.shape]))
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


def _as_before(entry: MeasureEntry | None) -> RenderedMeasure | None:
    """The measure of a manifest; None if it does not tell the shape of its newest build."""
    if entry is None or entry.newest["shape"] is None:
        return None
    published = entry.shapes[entry.newest["shape"]]
    shape = histogram_shape(int(published.axis["size"]))
    newest = NewestBuild(entry.newest["build_id"], shape, entry.newest["revision"])
    return RenderedMeasure(entry.shapes, newest, replace(read_volume(entry.volume), unknown_definition=False))


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
