"""Collapses cells of too few submissions into ``OTHER`` before they are published, or leaves them out.

The result depends on the set of ping files alone, never on the order in which populations appeared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from telemetry_tasks.core.disclosure.collapse import OTHER, Population
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table


def publishable(cells: Mapping[tuple[str, str, Population], int], fewest: int) -> set[Population]:
    """Populations that have a date with enough pings: the others cannot have a cell of their own."""
    return {population for (_, _, population), count in cells.items() if count >= fewest}


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table as it may be published, how many cells collapsed into ``OTHER``, and how many were left out."""

    table: Table
    collapsed: int
    left_out: int


def suppress_small(table: Table, fewest: int) -> Suppressed:
    """The table without cells of fewer than ``fewest`` submissions.

    They are added up in a population that is ``OTHER`` in every dimension; if even that is too small, it is
    left out.
    """
    if fewest <= 1:
        return Suppressed(table, 0, 0)
    small = (table.pings < fewest).tolist()
    other = tuple(OTHER for _ in table.keys[0].dimensions) if table.keys else ()
    targets = [_target(key, is_small, other) for key, is_small in zip(table.keys, small, strict=True)]
    collapsed = table.regrouped(targets)
    doomed = {line for line, pings in enumerate(collapsed.pings.tolist()) if pings < fewest}
    return Suppressed(collapsed.without(doomed), sum(small), len(doomed))


def _target(key: Key, is_small: bool, other: Population) -> Key:
    return key._replace(dimensions=other) if is_small else key


def published_populations(populations: Iterable[Population], fewest: int, dimensions: int) -> set[Population]:
    """The leaves of the tree: with a minimum there is one more, for what collapses."""
    return {*populations, *([(OTHER,) * dimensions] if fewest > 1 else ())}
