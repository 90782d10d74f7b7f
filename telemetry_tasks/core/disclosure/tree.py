"""The filter tree: which populations there are, level by level, and the id of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

NAME, ID = "name", "_id"
"""Reserved members of the tree; options never have these names."""


@dataclass(frozen=True)
class FilterTree:
    """Nested options in the order of the dimensions. ``leaf_ids`` gives each population's id.

    Ids count the nodes of the sorted tree from the root, 0, downwards: the same populations, the same ids.
    """

    document: dict[str, Any]
    leaf_ids: dict[tuple[str, ...], int]


def build_tree(dimensions: Sequence[str], populations: Iterable[tuple[str, ...]]) -> FilterTree:
    """The tree of these populations, each a value for every dimension."""
    leaf_ids: dict[tuple[str, ...], int] = {}
    count = 0

    def node(level: int, prefix: tuple[str, ...], members: Sequence[tuple[str, ...]]) -> dict[str, Any]:
        nonlocal count
        document: dict[str, Any] = {ID: count}
        count += 1
        if level == len(dimensions):
            leaf_ids[prefix] = document[ID]
            return document
        document[NAME] = dimensions[level]
        groups: dict[str, list[tuple[str, ...]]] = {}
        for population in members:
            groups.setdefault(population[level], []).append(population)
        for option, group in groups.items():
            document[option] = node(level + 1, (*prefix, option), group)
        return document

    document = node(0, (), sorted(set(populations)))
    return FilterTree(document, leaf_ids)
