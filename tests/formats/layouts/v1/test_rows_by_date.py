"""The rows of a measure by date."""

import json
from typing import Any

import numpy as np
import pytest

from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import packed
from telemetry_tasks.formats.kernels import AUTO, SIMD
from telemetry_tasks.formats.layouts.v1.rows_by_date import read_rows, row_faults, rows_documents
from tests.formats.layouts.v1.made import table, text

IDS = np.array([3, 3, 3, 2], np.int64)
LEAVES = {2, 3}


@pytest.mark.parametrize("kernel", [AUTO, SIMD])
def test_rows_are_sorted_by_filter_id_whatever_the_order_of_populations(kernel: str) -> None:
    documents = rows_documents(table(), IDS, kernel)
    assert text(documents[BY_BUILD]) == ('{"20131201":[[1,0,0,5,0,0,-1,-1,1,3]],"20131202":[[1,0,0,5,0,0,-1,-1,2,3]]}')
    assert text(documents[BY_SUBMISSION]) == '{"20131203":[[1,0,0,5,0,0,-1,-1,3,2],[1,0,0,5,0,0,-1,-1,4,3]]}'


def test_what_is_written_has_no_faults() -> None:
    for document in rows_documents(table(), IDS).values():
        rows = read_rows(document.body)
        assert rows
        assert list(row_faults(rows, 10, LEAVES)) == []


@pytest.mark.parametrize(
    "value", [{"2013": []}, {"2013120a": []}, {"20131201": None}, {"20131201": [5]}, {"20131201": [[1, True]]}]
)
def test_what_is_no_rows_is_refused(value: Any) -> None:
    with pytest.raises(DataError) as caught:
        read_rows(packed(json.dumps(value).encode()))
    assert caught.value.reason == "bad-rows"


@pytest.mark.parametrize(
    ("dates", "number"),
    [
        ({"20131201": [[1, 2], [1, 3]]}, 0),
        ({"20131202": [], "20131201": []}, 1),
        ({"20131201": [[1, 4]]}, 1),
        ({"20131201": [[]]}, 2),
        ({"20131201": [[1, 3], [1, 2]]}, 1),
        ({"20131201": [[1, 2], [1, 2]]}, 1),
        ({"20131201": [[1, 1, 2]]}, 1),
    ],
)
def test_each_broken_rule_is_a_fault(dates: dict[str, list[list[int | float]]], number: int) -> None:
    assert len(list(row_faults(dates, 2, LEAVES))) == number
