"""The filter tree: which populations there are, level by level, and the id of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its id, the dimension of its options, and the node of each option. A leaf has no dimension."""

    id: int
    dimension: str = ""
    options: Mapping[str, "Node"] = field(default_factory=dict)


@dataclass(frozen=True)
class FilterTree:
    """Nested options in the order of the dimensions. ``leaf_ids`` gives each population's id.

    Ids count the nodes of the sorted tree from the root, 0, downwards: the same populations, the same ids.
    """

    root: Node
    leaf_ids: Mapping[tuple[str, ...], int]


def build_tree(dimensions: Sequence[str], populations: Iterable[tuple[str, ...]]) -> FilterTree:
    """The tree of these populations, each a value for every dimension."""
    leaf_ids: dict[tuple[str, ...], int] = {}
    count = 0

    def node(level: int, prefix: tuple[str, ...], members: Sequence[tuple[str, ...]]) -> Node:
        nonlocal count
        own = count
        count += 1
        if level == len(dimensions):
            leaf_ids[prefix] = own
            return Node(own)
        groups: dict[str, list[tuple[str, ...]]] = {}
        for population in members:
            groups.setdefault(population[level], []).append(population)
        options = {option: node(level + 1, (*prefix, option), group) for option, group in groups.items()}
        return Node(own, dimensions[level], options)

    return FilterTree(node(0, (), sorted(set(populations))), leaf_ids)
