"""``filter-tree.json``."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.disclosure.tree import build_tree
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import packed
from telemetry_tasks.formats.layouts.v1.filter_tree import filter_tree_document, read_filter_tree
from tests.formats.layouts.v1.made import TREE, text


def test_it_is_nested_in_the_order_of_the_dimensions() -> None:
    assert text(filter_tree_document(TREE)) == (
        '{"_id":0,"name":"reason","saved_session":{"Darwin":{"_id":2},"Linux":{"_id":3},"_id":1,"name":"OS"}}'
    )


OPTION = st.text(st.characters(exclude_characters="/", codec="utf-8"), max_size=3).filter(
    lambda o: o not in ("name", "_id")
)


@given(st.integers(0, 3).flatmap(lambda size: st.lists(st.tuples(*[OPTION] * size), max_size=6)))
def test_a_reader_gets_what_was_written(populations: list[tuple[str, ...]]) -> None:
    tree = build_tree(["one", "two", "three"][: len(populations[0]) if populations else 1], populations)
    assert read_filter_tree(filter_tree_document(tree).body) == tree


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"_id": "0"},
        {"_id": True},
        {"_id": 0, "option": {"_id": 1}},
        {"_id": 0, "name": "OS", "Linux": 5},
        {"_id": 0, "name": "OS", "Linux": {"_id": 0}},
        {"_id": 0, "name": "OS", "a/b": {"_id": 1}},
        {"_id": 0, "name": 5, "a": {"_id": 1}},
        {"_id": 0, "name": "", "a": {"_id": 1}},
    ],
)
def test_a_tree_that_readers_could_not_follow_is_refused(value: Any) -> None:
    with pytest.raises(DataError) as caught:
        read_filter_tree(packed(json.dumps(value).encode()))
    assert caught.value.reason == "bad-filter-tree"
