"""Which column is which, and what may be added."""

from typing import Any

import pytest

from telemetry_tasks.core import simple
from telemetry_tasks.core.histograms import SUMS, array_length, histogram_run, histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.shapes import NONE, PINGS, Axis, shape_in_tables
from telemetry_tasks.core.tables.from_cells import Tables
from tests.core.blocks import ROWS, block

SHAPE = histogram_shape(3, unknown=0b00010)


def test_columns_are_positions_then_sums_then_counts() -> None:
    names = [f"bucket {i}" for i in range(3)] + [*SUMS, "pings"]
    assert (names[SHAPE.bucket_columns], names[SHAPE.sum_columns], names[SHAPE.count_columns]) == (
        ["bucket 0", "bucket 1", "bucket 2"],
        [*SUMS],
        ["pings"],
    )
    assert [SHAPE.column(name) for name in (*SUMS, "pings")] == [3, 4, 5, 6, 7, 8]
    assert (SHAPE.width, array_length(SHAPE)) == (9, 8)
    with pytest.raises(ValueError):
        SHAPE.column("clients")


def test_the_mask_of_clients_says_what_is_unknown() -> None:
    assert [SHAPE.knows(i) for i in range(5)] == [True, False, True, True, True]


def test_an_array_of_sums_alone_is_no_histogram() -> None:
    with pytest.raises(ValueError, match="5 elements holds no bucket"):
        histogram_run("A", 5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"axis": Axis("spiral", 3)}, "'spiral' is not known"),
        ({"axis": Axis(NONE, 3)}, "kind none has 3 positions"),
        ({"axis": Axis("index", 0)}, "kind index has 0 positions"),
        ({"axis": Axis("index", 3, (0.5,))}, "has details"),
        ({"known": 0b100000}, "the mask 100000"),
        ({"counts": ("clients",)}, "do not count pings"),
        ({"sums": ("pings",), "known": 1}, "comes twice"),
    ],
    ids=str,
)
def test_each_combination_that_means_nothing_has_its_error(change: dict[str, Any], says: str) -> None:
    SHAPE.check()
    PINGS.shape.check()
    with pytest.raises(ValueError, match=says):
        SHAPE._replace(**change).check()


def test_a_table_adds_runs_whatever_defines_them_and_whatever_they_knew() -> None:
    sent = histogram_run("SIMPLE_MEASURES_A", 55)
    ours = simple.run_of("SIMPLE_MEASURES_A")
    assert shape_in_tables(ours.shape) == sent.shape
    pings = sent.shape.column("pings")
    cells = block({(ROWS[0], run, column): 1 << 40 for run in (sent, ours) for column in (7, pings)})
    ((_, tables),) = Tables(cells)
    (table,) = tables.values()
    assert [(table.values()[0][column], key.by) for key in table.keys[:1] for column in (7, pings)] == [
        (2, BY_BUILD),
        (2, BY_BUILD),
    ]


def test_the_fifty_bounds_are_those_of_the_aggregator_of_2013() -> None:
    first = (0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 16, 20, 24, 29, 35, 43, 52, 63, 77, 94, 115, 140, 171, 209, 255, 311)
    last = (13548, 16527, 20161, 24593, 30000)
    assert simple.BOUNDS[: len(first)] == first
    assert simple.BOUNDS[-len(last) :] == last
    assert len(simple.BOUNDS) == 50
