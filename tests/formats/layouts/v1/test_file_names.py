"""``FILES_PROCESSED`` and ``FILES_MISSING``."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import TEXT, packed
from telemetry_tasks.formats.layouts.v1.file_names import (
    missing_document,
    processed_document,
    read_missing,
    read_processed,
)
from tests.formats.layouts.v1.made import text


def test_every_key_is_a_line_whatever_is_in_it() -> None:
    document = processed_document(["b", "a\n\x85\u2028\t", "\udcff"])
    assert text(document) == "a\\n\\x85\\u2028\\t\nb\n\\udcff\n"
    assert read_processed(document.body) == ["a\\n\\x85\\u2028\\t", "b", "\\udcff"]
    assert document.content_type == TEXT


def test_a_missing_file_has_its_reason() -> None:
    document = missing_document([("b", "not-found"), ("a", "bad\tline")])
    assert text(document) == "a\tbad\\tline\nb\tnot-found\n"
    assert read_missing(document.body) == {"a": "bad\\tline", "b": "not-found"}


def test_no_files_are_no_lines() -> None:
    assert text(processed_document([])) == ""
    assert read_missing(missing_document([]).body) == {}


@pytest.mark.parametrize("lines", [b"a\n", b"a\tb\tc\n", b"\n"])
def test_a_line_that_is_not_a_key_and_a_reason_is_refused(lines: bytes) -> None:
    with pytest.raises(DataError) as caught:
        read_missing(packed(lines))
    assert caught.value.reason == "bad-missing"
