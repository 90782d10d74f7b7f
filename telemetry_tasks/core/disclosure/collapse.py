"""Decides under which population each one is published: populations beyond a limit collapse into ``OTHER``.

It depends on the set of ping files alone, never on the order in which populations appeared: populations are
ranked by pings, ties by name. Three steps: options that are not allowed, options beyond the limit of a dimension,
populations beyond the limit of cells of a channel/version.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from telemetry_tasks.core.disclosure.publish_limits import PublishLimits

OTHER = "OTHER"
Population = tuple[str, ...]
PublishedAs = Mapping[Population, Population]

NOT_ALLOWED, TOO_MANY_OPTIONS, TOO_MANY_CELLS = "not-allowed", "too-many-options", "too-many-cells"


@dataclass(frozen=True, slots=True)
class Collapsed:
    """What collapsed into ``OTHER``, why, and its pings. ``number`` counts options of ``dimension``, or populations
    if it is empty. ``largest`` are some of the options, for logs: clients may have invented them."""

    reason: str
    dimension: str
    number: int
    pings: int
    largest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collapse:
    """The population under which each one is published, and what collapsed."""

    where: PublishedAs
    parts: tuple[Collapsed, ...] = ()

    @property
    def changes_anything(self) -> bool:
        """Whether any population is published under another one."""
        return any(source != target for source, target in self.where.items())


MOST_NAMED = 5


def collapse_options(pings: Mapping[Population, int], dimensions: Sequence[str], limits: PublishLimits) -> Collapse:
    """Collapses options: those that are not allowed, and those beyond the ``most_options`` largest of a dimension."""
    where = {population: population for population in pings}
    collapsed: list[Collapsed] = []
    for reason, chosen in ((NOT_ALLOWED, _allowed), (TOO_MANY_OPTIONS, _largest)):
        sums = _sums(pings, where)
        kept = []
        for level, dimension in enumerate(dimensions):
            volume: Counter[str] = Counter()
            for population, count in sums.items():
                volume[population[level]] += count
            kept.append(chosen(volume, dimension, limits))
            collapsed += _collapsed_options(reason, dimension, volume, kept[-1])
        where = {
            source: tuple(option if option in kept[level] else OTHER for level, option in enumerate(target))
            for source, target in where.items()
        }
    return Collapse(where, tuple(collapsed))


def collapse_populations(
    cells: Iterable[tuple[str, str, Population]], pings: Mapping[Population, int], most: int, dimensions: int
) -> Collapse:
    """Collapses the smallest populations. ``cells``: (build date, submission date, population), one of the dates empty.

    The largest populations stay, as many as leave room for ``OTHER`` with every date. ``OTHER`` alone may need more
    than ``most``: dates never collapse.
    """
    distinct = set(cells)
    where = {population: population for population in pings}
    if len(distinct) <= most:
        return Collapse(where)
    other = (OTHER,) * dimensions
    rows = Counter(population for _, _, population in distinct)
    room = most - len({(build, submission) for build, submission, _ in distinct})
    ranked = sorted((each for each in pings if each != other), key=lambda each: (-pings[each], each))
    kept = len(ranked)
    for number, population in enumerate(ranked):
        room -= rows[population]
        if room < 0:
            kept = number
            break
    collapsed = ranked[kept:]
    if not collapsed:
        return Collapse(where)
    where.update(dict.fromkeys(collapsed, other))
    return Collapse(where, (Collapsed(TOO_MANY_CELLS, "", len(collapsed), sum(pings[each] for each in collapsed)),))


def compose(first: Collapse, second: Collapse) -> Collapse:
    """Both in turn: ``second`` applies to the populations that ``first`` leaves."""
    where = {source: second.where[target] for source, target in first.where.items()}
    return Collapse(where, (*first.parts, *second.parts))


def _sums(pings: Mapping[Population, int], where: PublishedAs) -> Counter[Population]:
    sums: Counter[Population] = Counter()
    for source, target in where.items():
        sums[target] += pings[source]
    return sums


def _allowed(volume: Mapping[str, int], dimension: str, limits: PublishLimits) -> set[str]:
    return {option for option in volume if limits.allows(dimension, option)}


def _largest(volume: Mapping[str, int], dimension: str, limits: PublishLimits) -> set[str]:
    if len(volume) <= limits.most_options:
        return set(volume)
    return set(_ranked(volume)[: limits.most_options - 1])


def _ranked(volume: Mapping[str, int]) -> list[str]:
    return sorted(volume, key=lambda option: (-volume[option], option))


def _collapsed_options(reason: str, dimension: str, volume: Mapping[str, int], kept: set[str]) -> list[Collapsed]:
    collapsed = [option for option in _ranked(volume) if option not in kept and option != OTHER]
    if not collapsed:
        return []
    pings = sum(volume[option] for option in collapsed)
    return [Collapsed(reason, dimension, len(collapsed), pings, tuple(collapsed[:MOST_NAMED]))]
