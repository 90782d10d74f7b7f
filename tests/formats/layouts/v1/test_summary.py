"""``<MEASURE>-summary.json``."""

import numpy as np
import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.kernels import AUTO, SIMD
from telemetry_tasks.formats.layouts.v1.summary import Summary, read_summary, summary_document
from tests.formats.layouts.v1.made import FACTS, FLAG, changed, table, text

IDS = np.array([3, 3, 3, 2], np.int64)
DOCUMENT = summary_document(table(), IDS, FACTS.definition)


@pytest.mark.parametrize("kernel", [AUTO, SIMD])
def test_it_adds_up_populations_by_date_and_dates_by_population(kernel: str) -> None:
    assert text(summary_document(table(), IDS, FACTS.definition, kernel)) == (
        '{"by-build-date":{"20131201":[1,0,0,5,0,0,-1,-1,1],"20131202":[1,0,0,5,0,0,-1,-1,2]},'
        '"by-submission-date":{"20131203":[2,0,0,10,0,0,-1,-1,7]},'
        '"definition":{"description":"Seen.","high":2,"kind":"flag","low":1,"n_buckets":3},'
        '"populations":{"by-build-date":{"3":3},"by-submission-date":{"2":3,"3":4}},"schema":1}'
    )


def test_a_reader_gets_what_was_written() -> None:
    assert read_summary(DOCUMENT.body) == Summary(
        FLAG,
        {
            "by-build-date": {"20131201": [1, 0, 0, 5, 0, 0, -1, -1, 1], "20131202": [1, 0, 0, 5, 0, 0, -1, -1, 2]},
            "by-submission-date": {"20131203": [2, 0, 0, 10, 0, 0, -1, -1, 7]},
        },
        {"by-build-date": {3: 3}, "by-submission-date": {2: 3, 3: 4}},
    )


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"schema": 2}, "bad-summary"),
        ({"by-build-date": {"20131201": ["1"]}}, "bad-summary"),
        ({"by-build-date": 5}, "bad-summary"),
        ({"populations": {"by-build-date": {}}}, "bad-summary"),
        ({"populations": {"by-build-date": {"x": 1}, "by-submission-date": {}}}, "bad-summary"),
        ({"definition": {"kind": "flag"}}, "bad-definition"),
    ],
)
def test_damage_is_refused(members: dict[str, object], reason: str) -> None:
    with pytest.raises(DataError) as caught:
        read_summary(changed(DOCUMENT, **members))
    assert caught.value.reason == reason
