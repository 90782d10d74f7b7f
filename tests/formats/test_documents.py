"""Compressed documents: equal values give equal bytes, and any bytes are read or refused."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import (
    json_document,
    packed,
    read_json,
    read_lines,
    text_document,
    unpacked,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_a_value_is_read_as_it_was_written(value: Any) -> None:
    assert json.loads(gzip.decompress(json_document(value).body)) == value


@given(JSON)
def test_compression_has_no_time_and_no_name(value: Any) -> None:
    first, second = json_document(value), json_document(value)
    assert first == second
    assert first.body[4:8] == bytes(4)


def test_keys_are_sorted_and_there_is_no_space() -> None:
    assert unpacked(json_document({"b": 1, "a": [1, 2]}).body) == b'{"a":[1,2],"b":1}'


def test_integers_beyond_64_bits_are_written_whole_and_the_rest_in_the_same_way() -> None:
    assert unpacked(json_document({"b": 1 << 70, "a": "é"}).body) == f'{{"a":"é","b":{1 << 70}}}'.encode()


def test_numbers_that_json_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_document([1 << 70, float("nan")])


def test_text_is_a_line_each() -> None:
    document = text_document(["a", "é", "\udcff"])
    assert unpacked(document.body) == "a\né\n\\udcff\n".encode()
    assert read_lines(document.body) == ["a", "é", "\\udcff"]


@given(st.binary(max_size=40).filter(lambda data: not data.startswith(b"\x1f\x8b")))
def test_what_is_not_compressed_is_read_as_it_is(data: bytes) -> None:
    assert unpacked(data) == data == unpacked(packed(data))


@given(st.data())
def test_damaged_bytes_are_bad_documents(data: st.DataObject) -> None:
    body = json_document({"a": "text of some length"}).body
    cut = data.draw(st.integers(2, len(body) - 1))
    for reader in (read_json, read_lines):
        with pytest.raises(DataError) as caught:
            reader(body[:cut])
        assert caught.value.reason == "bad-document"
