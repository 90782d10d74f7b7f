"""The file list of a channel/version."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.file_list import file_list_document, read_file_list
from tests.formats.layouts.v1.made import FILES, changed, text

DOCUMENT = file_list_document(FILES)


def test_a_reader_gets_what_was_written() -> None:
    assert read_file_list(DOCUMENT.body) == FILES


def test_keys_are_written_as_they_are() -> None:
    assert text(DOCUMENT).endswith('"missing":[["b","not-found"]],"processed":["a\\n"],"schema":1}')


def test_the_known_files_are_those_that_count_and_those_that_are_missing() -> None:
    assert FILES.known == {"a\n", "b"}


@pytest.mark.parametrize(
    ("members", "reason"),
    [({"schema": 2}, "bad-file-list"), ({"missing": ["b"]}, "bad-file-list"), ({"health": {}}, "bad-health")],
)
def test_a_damaged_list_is_refused(members: dict[str, object], reason: str) -> None:
    with pytest.raises(DataError) as caught:
        read_file_list(changed(DOCUMENT, **members))
    assert caught.value.reason == reason
