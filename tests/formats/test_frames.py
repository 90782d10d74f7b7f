"""What the state keeps, damaged so that a frame claims to hold more than there is memory for."""

from collections.abc import Callable

import msgpack
import pytest
import zstandard

from telemetry_tasks.core.cells import EMPTY
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells, delta, job, ledger
from telemetry_tasks.formats.frames import LARGEST, decompressed


def test_a_frame_comes_back() -> None:
    assert decompressed(zstandard.compress(b"some bytes")) == b"some bytes"


@pytest.mark.parametrize("size", [LARGEST + 1, 1 << 62])
@pytest.mark.parametrize(
    ("decode", "reason"),
    [(cells.decode, "bad-cells"), (ledger.decode_entries, "bad-ledger"), (job.decode, "bad-job")],
)
def test_what_claims_too_much_is_bad_data_and_takes_no_memory(
    decode: Callable[[bytes], object], reason: str, size: int
) -> None:
    frame = zstandard.FRAME_HEADER + bytes([0b11100000]) + size.to_bytes(8, "little") + b"\x01\0\0"
    with pytest.raises(DataError, match="claims to hold") as caught:
        decode(frame)
    assert caught.value.reason == reason


def test_a_delta_whose_ledger_claims_too_much_is_bad_data() -> None:
    frame = zstandard.FRAME_HEADER + bytes([0b11100000]) + (1 << 62).to_bytes(8, "little") + b"\x01\0\0"
    schema, block, *_ = msgpack.unpackb(delta.encode(delta.Delta(EMPTY, ())))
    with pytest.raises(DataError, match="claims to hold") as caught:
        delta.decode(msgpack.packb([schema, block, frame, frame, "", []]))
    assert caught.value.reason == "bad-ledger"
