"""``histograms.json``."""

from typing import Any

import pytest

from telemetry_tasks.core.definitions import Definition, enumerated
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.histograms import (
    definition_entry,
    histograms_document,
    read_definition,
    read_histograms,
)
from tests.formats.layouts.v1.made import FACTS, FLAG, text

LABELLED = enumerated(50, "Which.", original_kind="categorical", labels=("a", "b"))
EXPONENTIAL = Definition("exponential", "Long.", 1, 1000, n_buckets=10)


def test_the_entries_are_the_published_definitions() -> None:
    document = histograms_document({"SEEN": FACTS})
    assert text(document) == '{"SEEN":{"description":"Seen.","high":2,"kind":"flag","low":1,"n_buckets":3}}'
    assert read_histograms(document.body) == {"SEEN": FACTS.definition}


@pytest.mark.parametrize("definition", [FLAG, EXPONENTIAL, enumerated(3, ""), LABELLED])
def test_a_reader_gets_the_definition_that_was_written(definition: Definition) -> None:
    assert read_definition(definition_entry(definition)) == definition


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "count"},
        {"kind": []},
        {"description": None},
        {"high": 1},
        {"n_buckets": 10.0},
        {"n_buckets": "10"},
        {"n_buckets": True},
        {"n_buckets": 0},
        {"n_values": 3},
        {"labels": 5},
    ],
)
def test_a_definition_that_gives_no_buckets_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        read_definition({**definition_entry(EXPONENTIAL), **changes})
    assert caught.value.reason == "bad-definition"


@pytest.mark.parametrize("missing", ["kind", "description", "low", "high", "n_buckets"])
def test_a_member_that_is_gone_is_damage(missing: str) -> None:
    entry = {name: value for name, value in definition_entry(EXPONENTIAL).items() if name != missing}
    with pytest.raises(DataError) as caught:
        read_definition(entry)
    assert caught.value.reason == "bad-definition"


@pytest.mark.parametrize("entry", [None, 5, "flag", ["kind"]])
def test_an_entry_that_is_no_object_is_refused(entry: Any) -> None:
    with pytest.raises(DataError) as caught:
        read_definition(entry)
    assert caught.value.reason == "bad-definition"
