"""Blocks of cells as bytes."""

import msgpack
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.cells import EMPTY, Cells
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.cells import decode, encode
from telemetry_tasks.formats.frames import LARGEST
from tests.core.blocks import BLOCKS, ROWS, RUNS, block

SAMPLE = block(
    {
        (ROWS[0], RUNS[0], 0): 5 << 40,
        (ROWS[0], RUNS[1], 3): 77 << 40,
        (ROWS[0], RUNS[1], 4): (40000 << 40) + 5,
        (ROWS[1], RUNS[2], 5): -(1 << 15) << 40,
        (ROWS[2], RUNS[5], 1): (1 << 300) + 1,
        (ROWS[2], RUNS[5], 2): -(1 << 300),
    }
)


@given(BLOCKS)
def test_a_block_comes_back_as_it_was(cells: Cells) -> None:
    assert decode(encode(cells)).same(cells)


@given(BLOCKS)
def test_the_same_block_gives_the_same_bytes(cells: Cells) -> None:
    data = encode(cells)
    assert encode(decode(data)) == data


def test_the_empty_block_comes_back() -> None:
    assert decode(encode(EMPTY)).same(EMPTY)


def test_what_comes_back_can_be_written_to() -> None:
    """What adds in place must not meet arrays that are views of bytes."""
    cells = decode(encode(SAMPLE))
    assert all(array.flags.writeable for array in (cells.whole.numbers, cells.fraction.numbers, cells.whole.columns))


@pytest.mark.parametrize("data", [b"", b"x", b"\x28\xb5\x2f\xfd", encode(SAMPLE)[:-1], encode(SAMPLE)[:9]])
def test_what_is_no_block_is_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="bad-cells"):
        decode(data)


@given(st.integers(0, len(encode(SAMPLE)) - 1), st.integers(1, 255))
def test_every_damaged_byte_is_noticed(place: int, change: int) -> None:
    data = bytearray(encode(SAMPLE))
    data[place] ^= change
    try:
        assert decode(bytes(data)).same(SAMPLE)  # bits of the frame that mean nothing
    except DataError:
        return


def document() -> dict:
    return msgpack.unpackb(zstandard.ZstdDecompressor().decompress(encode(SAMPLE)), strict_map_key=True)


def packed(document: object) -> bytes:
    return zstandard.ZstdCompressor().compress(msgpack.packb(document))


@given(st.data())
def test_a_document_with_other_bytes_in_it_is_refused_or_a_sound_block(data: st.DataObject) -> None:
    raw = bytearray(zstandard.ZstdDecompressor().decompress(encode(SAMPLE)))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        cells = decode(zstandard.ZstdCompressor().compress(bytes(raw)))
    except DataError:
        return
    assert decode(encode(cells)).same(cells)


@pytest.mark.parametrize("member", sorted(document()))
def test_every_member_is_needed(member: str) -> None:
    lacking = document()
    del lacking[member]
    with pytest.raises(DataError, match="bad-cells"):
        decode(packed(lacking))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 1},
        {"counts": [1, b"\xff\x00\x00"]},
        {"counts": [8, b"\xff" * 24]},
        {"counts": [3, b"\x00" * 9]},
        {"values": b""},
        {"rows": b"\xff" * 4 * 18},
        {"strings": [1, 2, 3]},
        {"fields": 0},
        {"fields": -1},
        {"big": [[99, 0, b"\x01"]]},
        {"big": [[0, -1, b"\x01"]]},
        {"big": [["a", 0, b"\x01"]]},
        {"gaps": "text"},
        {"runs": []},
        {"runs": [[1, b"\x00"]] * 4},
        {"shapes": []},
        {"shapes": [["index", 3, [], "", ["sum"], 2, ["pings"]]] * 4},
        {"shapes": [["none", 0, [], "", [], 0, ["pings"]]] * 4},
        {"shapes": [["spiral", 3, [], "", ["sum"], 1, ["pings"]]] * 4},
    ],
    ids=str,
)
def test_documents_that_do_not_hold_together_are_refused(change: dict) -> None:
    with pytest.raises(DataError, match="bad-cells"):
        decode(packed({**document(), **change}))


def test_columns_that_do_not_ascend_in_a_row_are_refused() -> None:
    changed = document()
    size, gaps = changed["gaps"]
    assert size == 1
    changed["gaps"] = [1, gaps[:2] + b"\x00" + gaps[3:]]  # the second of the row of Windows
    with pytest.raises(DataError, match="do not ascend"):
        decode(packed(changed))


def test_a_frame_that_claims_more_than_is_allowed_is_refused_before_memory_is_taken() -> None:
    header = zstandard.FRAME_HEADER + bytes([0b11100000]) + (LARGEST + 1).to_bytes(8, "little")
    assert zstandard.frame_content_size(header) == LARGEST + 1
    with pytest.raises(DataError, match="claims"):
        decode(header + b"\x01\x00\x00")


def test_a_frame_that_does_not_say_its_size_is_refused() -> None:
    stream = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    data = stream.compress(msgpack.packb(document())) + stream.flush()
    with pytest.raises(DataError, match="claims"):
        decode(data)


def test_the_sparse_form_is_small() -> None:
    numbers = {(row, RUNS[1], column): (column + 1) << 40 for row in ROWS for column in range(RUNS[1].width)}
    assert len(encode(block(numbers))) < 4 * len(numbers) + 400
    assert cells_format.SCHEMA == 2
