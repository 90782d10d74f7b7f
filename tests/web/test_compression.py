"""Bodies that are kept in gzip, unpacked in bounded memory."""

import gzip
import zlib
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.web.compression import unpacked


def pieces_of(body: bytes, size: int) -> Generator[bytes, None, None]:
    yield from (body[start : start + size] for start in range(0, len(body), size))


@given(st.binary(max_size=500), st.integers(1, 40), st.integers(1, 4000))
def test_a_body_in_pieces_of_any_size_comes_out_whole(part: bytes, size: int, repeats: int) -> None:
    body = part * min(repeats, 200)
    found = list(unpacked(pieces_of(gzip.compress(body), size), 100))
    assert b"".join(found) == body
    assert all(0 < len(piece) <= 100 for piece in found)


def test_a_body_that_inflates_much_never_becomes_a_large_piece() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    sizes = [len(piece) for piece in unpacked(pieces_of(bomb, 1 << 16), 4096)]
    assert (max(sizes), sum(sizes)) == (4096, 64 << 20)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"hello" * 99, mtime=0)[:-1], b"", b"\x1f\x8b", b"no gzip", gzip.compress(b"a", mtime=0)[:-8]],
    ids=["cut in the sum", "empty", "two bytes", "no gzip", "without the sum"],
)
def test_a_body_that_is_damaged_or_not_complete_says_so(body: bytes) -> None:
    with pytest.raises(InfrastructureError):
        list(unpacked(pieces_of(body, 3), 100))


def test_what_is_read_from_is_let_go_of() -> None:
    pieces = pieces_of(gzip.compress(b"hello" * 1000), 5)
    plain = unpacked(pieces, 10)
    next(plain)
    plain.close()
    assert next(pieces, None) is None
