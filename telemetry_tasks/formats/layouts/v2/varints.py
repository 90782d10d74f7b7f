"""Unsigned integers of any size as LEB128: seven bits a byte, the least significant first.

Readers import this module: numpy and the standard library are all it needs.
"""

from collections.abc import Sequence

import numpy as np

from telemetry_tasks.errors import DataError

try:
    from telemetry_tasks.formats.layouts.v2 import _native
except ImportError:  # no compiler was there: numpy writes the same bytes in five times the time
    _native = None  # type: ignore[assignment]

_LONGEST_IN_INT64 = 9
"""Bytes of the largest number that certainly fits an int64: 63 bits."""

_HALF = 1 << 62
"""Twice a number below this fits an int64."""


def zigzag(numbers: np.ndarray) -> np.ndarray:
    """Signed numbers as unsigned ones, small ones as small ones: 0 −1 1 −2 … become 0 1 2 3 …

    int64 stays int64 where the results fit; otherwise the result has Python's integers.
    """
    if numbers.dtype == object or numbers.max(initial=0) >= _HALF or numbers.min(initial=0) < -_HALF:
        return _objects([2 * n if n >= 0 else -2 * n - 1 for n in numbers.tolist()])
    return np.bitwise_xor(numbers << 1, numbers >> 63)


def unzigzag(numbers: np.ndarray) -> np.ndarray:
    """The signed numbers that ``zigzag`` made these of."""
    if numbers.dtype == object:
        return shrunk([n >> 1 if not n & 1 else -(n >> 1) - 1 for n in numbers.tolist()])
    return np.bitwise_xor(numbers >> 1, -(numbers & 1))


def encode(numbers: np.ndarray) -> bytes:
    """The bytes of numbers that are not negative: int64, or Python's integers in an array of objects."""
    if numbers.dtype == object:
        return b"".join(map(_encode_one, numbers.tolist()))
    return encode_with_numpy(numbers) if _native is None else _native.encode(np.ascontiguousarray(numbers))


def encode_with_numpy(numbers: np.ndarray) -> bytes:
    """The bytes of int64 numbers. Raises ``ValueError`` if one is negative."""
    if not len(numbers):
        return b""
    if numbers.min() < 0:
        raise ValueError("a number is negative")
    length = np.ones(len(numbers), np.int64)
    largest = int(numbers.max())
    for bits in range(7, largest.bit_length(), 7):
        length += numbers >= 1 << bits
    ends = np.cumsum(length)
    starts = ends - length
    out = np.zeros(int(ends[-1]), np.uint8)
    for byte in range(int(length.max())):
        there = slice(None) if byte == 0 else length > byte
        more = np.where(length[there] > byte + 1, 0x80, 0)
        out[starts[there] + byte] = (numbers[there] >> 7 * byte & 0x7F) | more
    return out.tobytes()


def _encode_one(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode(data: bytes) -> np.ndarray:
    """All numbers of ``data``: int64, or Python's integers if one does not fit. Raises ``DataError`` ``bad-pack``."""
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets < 0x80)
    if len(octets) and (not len(ends) or ends[-1] != len(octets) - 1):
        raise DataError("bad-pack", "a section ends inside a number")
    if len(ends) == len(octets):
        return octets.astype(np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1]) if len(ends) else np.zeros(0, np.int64)
    length = ends - starts + 1
    numbers = (octets[starts] & 0x7F).astype(np.int64)
    for byte in range(1, min(int(length.max(initial=0)), _LONGEST_IN_INT64)):
        there = np.flatnonzero(length > byte)
        numbers[there] |= (octets[starts[there] + byte] & 0x7F).astype(np.int64) << 7 * byte
    long = np.flatnonzero(length > _LONGEST_IN_INT64)
    if not len(long):
        return numbers
    wide = numbers.astype(object)
    for i in long.tolist():
        wide[i] = _decode_one(octets[starts[i] : ends[i] + 1])
    return wide


def _decode_one(octets: np.ndarray) -> int:
    """In linear time: damaged bytes may be one number of many megabytes."""
    bits = np.unpackbits(octets, bitorder="little").reshape(-1, 8)[:, :7]
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def shrunk(numbers: Sequence[int]) -> np.ndarray:
    """An array of these numbers: int64 if all of them fit, else objects."""
    fits = all(-(1 << 63) <= number < 1 << 63 for number in numbers)
    return np.array(numbers, np.int64) if fits else _objects(numbers)


def _objects(numbers: Sequence[int]) -> np.ndarray:
    out = np.empty(len(numbers), object)
    out[:] = numbers
    return out
