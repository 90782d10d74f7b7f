"""The filter tree of populations."""

from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.disclosure.tree import Node, build_tree

OPTIONS = st.sampled_from(["", "a", "b", "OTHER", "name", "_id"])
POPULATIONS = st.lists(st.tuples(OPTIONS, OPTIONS), max_size=8)


def nodes(node: Node) -> list[Node]:
    return [node, *(each for child in node.options.values() for each in nodes(child))]


def test_a_level_for_each_dimension_in_their_order() -> None:
    tree = build_tree(("reason", "OS"), [("s", "Linux"), ("s", "Darwin")])
    leaves = {"Darwin": Node(2), "Linux": Node(3)}
    assert tree.root == Node(0, "reason", {"s": Node(1, "OS", leaves)})
    assert tree.leaf_ids == {("s", "Darwin"): 2, ("s", "Linux"): 3}


def test_without_dimensions_the_root_is_the_one_leaf() -> None:
    tree = build_tree((), [()])
    assert (tree.root, tree.leaf_ids) == (Node(0), {(): 0})


def test_without_populations_there_is_only_the_root() -> None:
    tree = build_tree(("OS",), [])
    assert (tree.root, tree.leaf_ids) == (Node(0, "OS"), {})


@given(POPULATIONS)
def test_every_population_has_a_leaf_at_the_end_of_its_options(populations: list[tuple[str, str]]) -> None:
    tree = build_tree(("one", "two"), populations)
    assert tree.leaf_ids.keys() == set(populations)
    for population, leaf in tree.leaf_ids.items():
        node = tree.root
        for option in population:
            node = node.options[option]
        assert node == Node(leaf)


@given(POPULATIONS)
def test_ids_count_the_nodes_from_the_root_downwards(populations: list[tuple[str, str]]) -> None:
    tree = build_tree(("one", "two"), populations)
    assert [node.id for node in nodes(tree.root)] == list(range(len(nodes(tree.root))))


@given(POPULATIONS.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_and_number_of_populations_change_nothing(
    populations: tuple[list[tuple[str, str]], list[tuple[str, str]]],
) -> None:
    some, others = populations
    assert build_tree(("one", "two"), some) == build_tree(("one", "two"), others + some)
