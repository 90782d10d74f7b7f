"""What the part in C that writes rows is given, it checks: nothing that does not fit is read."""

from typing import Any

import numpy as np
import pytest

from telemetry_tasks.formats.rows import _native

FITTING: dict[str, Any] = {
    "whole": np.zeros((2, 7), np.int64),
    "known": np.ones((2, 5), np.int64),
    "positions": np.array([3, 8]),
    "texts": b"0.5,1.5",
    "ids": np.array([1, 2]),
}


def written(**changes: Any) -> list[bytes]:
    return _native.row_texts(*{**FITTING, **changes}.values())


def test_what_fits_is_written() -> None:
    assert written() == [b"[0,0,0,0.5,0,0,0,1]", b"[0,1.5,0,0,0,0,0,2]"]
    nothing = np.zeros(0, np.int64)
    assert written(positions=nothing, texts=b"", ids=None) == [b"[0,0,0,0,0,0,0]"] * 2
    assert (
        written(whole=FITTING["whole"][:0], known=FITTING["known"][:0], positions=nothing, texts=b"", ids=nothing) == []
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"whole": np.zeros(14, np.int64)},
        {"whole": np.zeros((2, 5), np.int64), "positions": np.zeros(0, np.int64), "texts": b""},
        {"whole": np.zeros((2, 7), np.float64)},
        {"whole": np.zeros((2, 7), np.int32)},
        {"known": np.ones((2, 7), np.int64)},
        {"known": np.ones((1, 5), np.int64)},
        {"positions": np.array([8, 3])},
        {"positions": np.array([3, 3])},
        {"positions": np.array([-1, 3])},
        {"positions": np.array([3, 14])},
        {"texts": b"0.5"},
        {"texts": b""},
        {"texts": b"0.5,1.5,2.5"},
        {"ids": np.array([1])},
        {"ids": np.array([[1, 2]])},
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fit|int64|text|short"):
        written(**changes)


@pytest.mark.parametrize("changes", [{"whole": np.zeros((7, 2), np.int64).T}, {"texts": "0.5,1.5"}, {"ids": [1, 2]}])
def test_what_is_no_array_in_order_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, BufferError)):
        written(**changes)
