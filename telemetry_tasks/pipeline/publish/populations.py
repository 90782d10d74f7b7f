"""What of a channel/version is published: which measures, and under which leaf of its filter tree each population."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telemetry_tasks.core.blocks import PINGS_BLOCK, block_of_measure
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.disclosure.collapse import (
    Collapse,
    Collapsed,
    collapse_options,
    collapse_populations,
    compose,
)
from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES, most_recorded, records_of_measures
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.core.disclosure.suppression import publishable, published_populations
from telemetry_tasks.core.disclosure.tree import FilterTree, build_tree
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.plausible import Outside, plausible_builds
from telemetry_tasks.core.shapes import PINGS
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.layouts.v1.filter_tree import filter_tree_document
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

ByCell = Counter[tuple[str, str, tuple[str, ...]]]
"""Pings by build date, submission date (one of them empty) and population."""


@dataclass(frozen=True)
class Populations:
    """Who sent pings: the filter tree, under which of its leaves each population is published, builds, pings.

    ``digest`` changes with everything that decides under which id a cell is published. ``changes_anything`` tells
    whether any population is published as another, ``collapsed`` what became ``OTHER``. ``builds`` are the build dates;
    ``outside`` says what is implausible of all dates, ``plausible_builds`` between which days builds are not.
    """

    tree: FilterTree
    where: Mapping[tuple[str, ...], tuple[str, ...]]
    changes_anything: bool
    collapsed: tuple[Collapsed, ...]
    digest: str
    builds: tuple[str, ...]
    outside: Mapping[str, Outside]
    plausible_builds: tuple[str, str]
    pings: int


def populations_of(services: Services, state: ChannelState, base: Base) -> Populations:
    """Read from the counting of pings, which is a block of its own. Raises ``BaseMoved``."""
    body = blocks_of_base(state, base, [PINGS_BLOCK]).get(PINGS_BLOCK)
    cells = cells_format.decode(body) if body is not None else Cells()
    limits, dimensions = services.options.publish_limits, services.format_of(state.name).dimensions
    by_population: Counter[tuple[str, ...]] = Counter()
    by_cell: ByCell = Counter()
    for count, index in zip(cells.whole.numbers.tolist(), cells.whole.rows.tolist(), strict=True):
        row = cells.rows[index]
        if len(row.dimensions) != len(dimensions):
            raise DataError("mixed-dimensions", f"{state.name}: rows have {len(row.dimensions)}, not {len(dimensions)}")
        by_population[row.dimensions] += count if row.build_date else 0
        by_cell[row.build_date, row.submission_date, row.dimensions] += count
    builds, sent = _by_date(by_cell)
    outside = services.options.plausibility.of_days(builds, sent)
    collapse, published = _collapsed(by_population, by_cell, dimensions, limits)
    large = publishable(published, limits.minimum_submissions)
    tree = build_tree(dimensions, published_populations(large, limits.minimum_submissions, len(dimensions)))
    return Populations(
        tree=tree,
        where=collapse.where,
        changes_anything=collapse.changes_anything,
        collapsed=collapse.parts,
        digest=_digest(tree, limits, collapse),
        builds=tuple(sorted(builds)),
        outside=outside,
        plausible_builds=plausible_builds(builds, outside.get(BY_BUILD)),
        pings=by_population.total(),
    )


def _by_date(by_cell: ByCell) -> tuple[Counter[str], Counter[str]]:
    """Pings by build date, and by submission date."""
    builds: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    for (build, submission, _), pings in by_cell.items():
        if build:
            builds[build] += pings
        if submission:
            sent[submission] += pings
    return builds, sent


def _collapsed(
    by_population: Mapping[tuple[str, ...], int], by_cell: ByCell, dimensions: Sequence[str], limits: PublishLimits
) -> tuple[Collapse, ByCell]:
    """The populations that others are published as, and the pings of their cells."""
    options = collapse_options(by_population, dimensions, limits)
    pings: Counter[tuple[str, ...]] = Counter()
    for population, count in by_population.items():
        pings[options.where[population]] += count
    cells = collapse_populations(_published_cells(by_cell, options), pings, limits.most_cells, len(dimensions))
    both = compose(options, cells)
    return both, _published_cells(by_cell, both)


def _published_cells(by_cell: ByCell, collapse: Collapse) -> ByCell:
    placed: ByCell = Counter()
    for (build, submission, population), count in by_cell.items():
        placed[build, submission, collapse.where[population]] += count
    return placed


def _digest(tree: FilterTree, limits: PublishLimits, collapse: Collapse) -> str:
    text = f"{limits.fingerprint}\n{sorted(collapse.where.items())!r}"
    return hashlib.sha256(filter_tree_document(tree).body + text.encode()).hexdigest()[:32]


def published_measures(state: ChannelState, base: Base, most: int) -> tuple[Mapping[str, str], tuple[Collapsed, ...]]:
    """The digests of the measures that are published, and what is not. Raises ``BaseMoved``.

    It depends on the exact sums alone: the measures with the most records are kept, of equal ones the first by name.
    The state keeps them all, so that a measure that gains records is published with all of them. Reads the blocks only
    if there are more measures than ``most``.
    """
    measures = {name: digest for name, digest in base.measures.items() if name != PINGS.measure}
    if len(measures) <= most:
        return measures, ()
    records: Counter[str] = Counter()
    for block in sorted({block_of_measure(name) for name in measures}):
        body = blocks_of_base(state, base, [block])[block]
        records.update(records_of_measures(cells_format.decode(body)))
    kept = most_recorded({name: records[name] for name in measures}, most)
    lost = sum(records[name] for name in measures if name not in kept)
    part = Collapsed(TOO_MANY_MEASURES, "", len(measures) - len(kept), lost)
    return {name: digest for name, digest in measures.items() if name in kept}, (part,)
