"""The list of checkpoints."""

import json
from typing import Any

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.checkpoints import list_document, read_list
from telemetry_tasks.formats.documents import NO_CACHE, packed, unpacked


def test_the_list_is_sorted_and_never_cached() -> None:
    document = list_document({"20131202000000", "20131201000000"})
    assert unpacked(document.body) == b'["20131201000000","20131202000000"]'
    assert read_list(document.body) == ["20131201000000", "20131202000000"]
    assert document.cache_control == NO_CACHE


@pytest.mark.parametrize("value", [None, {}, "20131201000000", [5], [None]])
def test_what_is_no_list_of_stamps_is_refused(value: Any) -> None:
    with pytest.raises(DataError) as caught:
        read_list(packed(json.dumps(value).encode()))
    assert caught.value.reason == "bad-document"
