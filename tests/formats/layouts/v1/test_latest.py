"""``latest-current.json``."""

from dataclasses import replace
from typing import Any

import pytest

from telemetry_tasks.core.plausible import Plausibility
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import NO_CACHE
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.layouts.v1.latest import Latest, latest_document, read_current, read_latest
from tests.formats.layouts.v1.made import INDEX, NAME, REF, STAMP, changed, text

DOCUMENT = latest_document(INDEX, Plausibility())


def test_it_names_the_snapshot_and_tells_what_is_implausible() -> None:
    assert text(DOCUMENT) == (
        f'{{"current":"{STAMP}","implausible":{{"dates":{{"nightly/28":{{"by-build-date":'
        '{"first":"20131201","last":"20131202","number":1,"pings":1}}},"versions":{}},'
        '"usual":"nightly/28","versions":["nightly/28"]}'
    )
    assert DOCUMENT.cache_control == NO_CACHE


def test_a_reader_gets_what_was_written() -> None:
    assert read_latest(DOCUMENT.body) == Latest(STAMP, [NAME], NAME)


def test_members_that_say_nothing_are_left_out() -> None:
    index = SnapshotIndex(STAMP, {"x-y/28": replace(REF, implausible={})})
    assert text(latest_document(index, Plausibility())) == f'{{"current":"{STAMP}","versions":["x-y/28"]}}'
    assert read_latest(latest_document(index, Plausibility()).body).usual is None


@pytest.mark.parametrize("stamp", ["", "20131301120000", 5, None, []])
def test_a_stamp_that_is_none_is_refused(stamp: Any) -> None:
    with pytest.raises(DataError) as caught:
        read_current(changed(DOCUMENT, current=stamp))
    assert caught.value.reason == "bad-latest"


@pytest.mark.parametrize("members", [{"usual": "nightly/27"}, {"usual": None}, {"usual": []}, {"versions": [5]}])
def test_a_wrong_list_is_refused_but_does_not_hide_the_stamp_from_the_publisher(members: dict[str, Any]) -> None:
    body = changed(DOCUMENT, **members)
    assert read_current(body) == STAMP
    with pytest.raises(DataError) as caught:
        read_latest(body)
    assert caught.value.reason == "bad-latest"
