"""What is folded into ``OTHER`` before it is published: options beyond a limit, and cells of too few submissions.

Both depend on the set of ping files alone, never on the order in which populations appeared.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from telemetry_tasks.core.tables import Key, Table

OTHER = "OTHER"
Population = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishLimits:
    """``submissions``: fewest a published cell may have. ``options``: most that a dimension may have."""

    submissions: int = 1
    options: int = 1000


def limited(pings: Mapping[Population, int], most: int) -> dict[Population, Population]:
    """Where each population is published: options of a dimension beyond its ``most`` largest become ``OTHER``.

    Options are ranked by pings, at equal ones by name.
    """
    if not pings:
        return {}
    kept: list[set[str]] = []
    for level in range(len(next(iter(pings)))):
        volume: Counter[str] = Counter()
        for population, count in pings.items():
            volume[population[level]] += count
        ranked = sorted(volume, key=lambda option: (-volume[option], option))
        kept.append(set(ranked if len(ranked) <= most else ranked[: most - 1]))
    return {
        population: tuple(option if option in kept[level] else OTHER for level, option in enumerate(population))
        for population in pings
    }


def large_enough(cells: Mapping[tuple[str, str, Population], int], fewest: int) -> set[Population]:
    """Populations that have a date with enough pings: the others can have no cell of their own."""
    return {population for (_, _, population), count in cells.items() if count >= fewest}


@dataclass(frozen=True, slots=True)
class Folded:
    """A table as it may be published, how many cells were folded into ``OTHER``, and how many left out with it."""

    table: Table
    folded: int
    left_out: int


def fold_small(table: Table, where: Mapping[Population, Population], fewest: int) -> Folded:
    """The table's cells under the populations they are published as, none with fewer than ``fewest`` submissions.

    Smaller ones are added up in a population that is ``OTHER`` in every dimension; where even that is too small,
    it is left out.
    """
    if any(source != target for source, target in where.items()):
        table = table.regrouped([key._replace(dimensions=where[key.dimensions]) for key in table.keys])
    if fewest <= 1:
        return Folded(table, 0, 0)
    small = [int(pings) < fewest for pings in table.whole[:, -1]]
    other = tuple(OTHER for _ in table.keys[0].dimensions) if table.keys else ()
    targets = [_target(key, is_small, other) for key, is_small in zip(table.keys, small, strict=True)]
    folded = table.regrouped(targets)
    doomed = {line for line, pings in enumerate(folded.whole[:, -1].tolist()) if pings < fewest}
    return Folded(folded.without(doomed), sum(small), len(doomed))


def _target(key: Key, is_small: bool, other: Population) -> Key:
    return key._replace(dimensions=other) if is_small else key


def published_populations(populations: Iterable[Population], fewest: int, dimensions: int) -> set[Population]:
    """The leaves of the tree: with a minimum there is one more, for what is folded."""
    return {*populations, *([(OTHER,) * dimensions] if fewest > 1 else ())}
