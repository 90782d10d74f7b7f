"""LEB128: the bytes of a number are those of the definition, whatever writes them."""

import time

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2 import _native
from telemetry_tasks.formats.layouts.v2.varints import decode, encode, encode_with_numpy, shrunk, unzigzag, zigzag

INT64 = st.integers(0, (1 << 63) - 1)


@pytest.mark.parametrize(
    ("number", "octets"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (1 << 63, "80808080808080808001")],
)
def test_seven_bits_a_byte_the_least_significant_first(number: int, octets: str) -> None:
    assert encode(shrunk([number])).hex() == octets
    assert decode(bytes.fromhex(octets)).tolist() == [number]


@given(st.lists(st.integers(0, 1 << 200)))
def test_numbers_of_any_size_come_back(numbers: list[int]) -> None:
    assert decode(encode(shrunk(numbers))).tolist() == numbers


@given(st.lists(INT64))
@example([(1 << 63) - 1])
def test_c_and_numpy_write_the_same_bytes(numbers: list[int]) -> None:
    array = np.array(numbers, np.int64)
    assert _native.encode(array) == encode_with_numpy(array)
    assert encode(array) == b"".join(encode(shrunk([number])) for number in numbers)


@pytest.mark.parametrize("writer", [_native.encode, encode_with_numpy])
def test_a_negative_number_is_refused(writer: object) -> None:
    with pytest.raises(ValueError, match="negative"):
        writer(np.array([1, -1], np.int64))  # type: ignore[operator]


def test_c_refuses_what_is_no_array_of_int64() -> None:
    for odd in (np.zeros(2, np.int32), np.zeros((2, 2), np.int64), np.zeros(2)):
        with pytest.raises(ValueError, match="int64"):
            _native.encode(odd)
    with pytest.raises(TypeError):
        _native.encode(None)  # type: ignore[arg-type]


@given(st.lists(st.integers(-(1 << 100), 1 << 100)))
@example([-(1 << 63), (1 << 63) - 1])
@example([(1 << 62) - 1, -(1 << 62)])
def test_signed_numbers_come_back(numbers: list[int]) -> None:
    there = zigzag(shrunk(numbers))
    assert there.tolist() == [2 * n if n >= 0 else -2 * n - 1 for n in numbers]
    assert unzigzag(there).tolist() == numbers


def test_a_number_of_a_megabyte_is_read_at_once() -> None:
    """In quadratic time this takes many seconds."""
    began = time.process_time()
    (found,) = decode(b"\xff" * 1_000_000 + b"\x01").tolist()
    assert found == (1 << 7_000_001) - 1
    assert time.process_time() - began < 5


def test_bytes_that_end_inside_a_number_are_damaged() -> None:
    for octets in (b"\x80", b"\x01\xff", b"\xff" * 100):
        with pytest.raises(DataError, match="inside a number"):
            decode(octets)
