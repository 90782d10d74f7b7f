"""``index.json``."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.index import index_document, read_index
from tests.formats.layouts.v1.made import INDEX, changed, text

DOCUMENT = index_document(INDEX)


def test_a_reader_gets_what_was_written() -> None:
    assert read_index(DOCUMENT.body) == INDEX


def test_a_channel_version_without_data_has_no_path() -> None:
    assert '"beta/27":{"base":"1","definitions":"","epoch":"epoch","files":"f","implausible":{},' in text(DOCUMENT)
    assert read_index(DOCUMENT.body).versions["beta/27"].path is None


@pytest.mark.parametrize("members", [{"schema": 2}, {"versions": {"nightly/28": {"path": "x"}}}])
def test_another_schema_or_an_entry_with_other_members_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(DataError) as caught:
        read_index(changed(DOCUMENT, **members))
    assert caught.value.reason == "bad-index"
