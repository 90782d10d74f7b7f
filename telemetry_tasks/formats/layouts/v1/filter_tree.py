"""``filter-tree.json``: nested objects in the order of the dimensions.

``{"_id": 0, "name": "reason", "saved_session": {"_id": 1, …}}``. ``name`` is the dimension of the options beside it; a
leaf has only ``_id``.
"""

from typing import Any

from telemetry_tasks.core.disclosure.tree import FilterTree, Node
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json

FILTER_TREE = "filter-tree.json"
NAME, ID = "name", "_id"
"""Members of a node that are not options. Ping formats write options of these names otherwise."""


def filter_tree_document(tree: FilterTree) -> Document:
    """The tree of a channel/version."""
    return json_document(filter_tree_value(tree))


def filter_tree_value(tree: FilterTree) -> dict[str, Any]:
    """The tree as JSON."""
    return _value(tree.root)


def _value(node: Node) -> dict[str, Any]:
    if not node.dimension:
        return {ID: node.id}
    options = {option: _value(child) for option, child in node.options.items()}
    return {ID: node.id, NAME: node.dimension, **options}


def read_filter_tree(body: bytes) -> FilterTree:
    """The tree of a channel/version. Raises ``DataError`` ``bad-filter-tree``."""
    ids: set[int] = set()
    leaf_ids: dict[tuple[str, ...], int] = {}

    def node(value: Any, options: tuple[str, ...]) -> Node:
        if not isinstance(value, dict):
            raise DataError("bad-filter-tree", f"option {options} is not an object")
        own, dimension = value.get(ID), value.get(NAME, "")
        if type(own) is not int or own in ids:
            raise DataError("bad-filter-tree", f"id {own!r} is not a number, or is not unique")
        ids.add(own)
        if type(dimension) is not str or (NAME in value and not dimension):
            raise DataError("bad-filter-tree", f"node {own} has the name {dimension!r}")
        children = {option: child for option, child in value.items() if option not in (ID, NAME)}
        if NAME not in value:
            if children:
                raise DataError("bad-filter-tree", f"node {own} has options and no name")
            leaf_ids[options] = own
        if any("/" in option for option in children):
            raise DataError("bad-filter-tree", f"node {own} has an option with a slash")
        return Node(own, dimension, {option: node(child, (*options, option)) for option, child in children.items()})

    return FilterTree(node(read_json(body), ()), leaf_ids)
