"""Collapse of small populations."""

import numpy as np

from telemetry_tasks.core.disclosure.collapse import OTHER
from telemetry_tasks.core.disclosure.suppression import suppress_small
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table


def table(pings: dict[str, int]) -> Table:
    """A measure with one bucket; each population has as many samples as pings."""
    keys = tuple(Key(BY_BUILD, "20260101", (name,)) for name in sorted(pings))
    counts = [pings[key.dimensions[0]] for key in keys]
    whole = np.array([[n, n, 0, 0, 0, 0, n] for n in counts], np.int64).reshape(-1, 7)
    known = np.array([[n, 0, 0, 0, 0] for n in counts], np.int64).reshape(-1, 5)
    return Table("M", histogram_shape(1), keys, whole, known, {}, tuple(("2026", "r") for _ in keys))


def shown(found: Table) -> dict[str, int]:
    return {key.dimensions[0]: int(pings) for key, pings in zip(found.keys, found.pings, strict=True)}


def test_small_cells_are_added_up_in_other() -> None:
    collapsed = suppress_small(table({"a": 10, "b": 3, "c": 4}), 5)
    assert shown(collapsed.table) == {"a": 10, OTHER: 7}
    assert (collapsed.collapsed, collapsed.left_out) == (2, 0)


def test_what_is_too_small_even_together_is_left_out_and_counted() -> None:
    collapsed = suppress_small(table({"a": 10, "b": 2, "c": 1}), 5)
    assert shown(collapsed.table) == {"a": 10}
    assert (collapsed.collapsed, collapsed.left_out) == (2, 1)


def test_a_minimum_of_one_changes_nothing() -> None:
    assert shown(suppress_small(table({"a": 1}), 1).table) == {"a": 1}


def test_an_empty_table_stays_empty() -> None:
    assert shown(suppress_small(table({}), 5).table) == {}
