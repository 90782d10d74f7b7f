"""Rows as JSON: each backend writes what a list of the numbers says."""

import json
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from telemetry_tasks.core.fixed import NORMAL, UNITS
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.kernels import AUTO, NATIVE, SIMD
from telemetry_tasks.formats.rows import row_texts, rows_backend
from tests.fuzz.fuzz_rows import compare

LINES, WIDTH = 3, 9


def table(whole: Any, known: Any = 1, fraction: Any = 0, overflow: dict[tuple[int, int], int] | None = None) -> Table:
    keys = tuple(Key(BY_BUILD, "20131101", (f"{line}",)) for line in range(LINES))
    whole, fraction = (np.broadcast_to(np.array(given, np.int64), (LINES, WIDTH)).copy() for given in (whole, fraction))
    shape = histogram_shape(WIDTH - histogram_shape(1).width + 1)
    return Table("M", shape, keys, whole, np.full((LINES, 5), known), overflow or {}, (), fraction, np.arange(WIDTH))


@pytest.mark.parametrize("backend", [AUTO, SIMD])
def test_a_row_is_the_numbers_and_the_id(backend: str) -> None:
    made = table([0, 0, 12, -3, 0, 1, 2, 0, 7], fraction=[0, 0, 0, 0, UNITS // 2, 0, 0, 0, 0])
    assert row_texts(made, np.array([4, 5, 6]), backend) == [b"[0,0,12,-3,0.5,1,2,0,7,%d]" % id for id in (4, 5, 6)]
    assert row_texts(made, None, backend) == [b"[0,0,12,-3,0.5,1,2,0,7]"] * 3


@pytest.mark.parametrize("backend", [AUTO, SIMD])
def test_sums_that_nobody_knew_are_minus_one(backend: str) -> None:
    assert row_texts(table(0, known=0), None, backend) == [b"[0,0,0,-1,-1,-1,-1,-1,0]"] * 3


@pytest.mark.parametrize("backend", [AUTO, SIMD])
def test_numbers_beyond_64_bits_are_written_whole(backend: str) -> None:
    made = table(0, overflow={(1, 0): (1 << 70) * UNITS, (1, 8): NORMAL * UNITS + 1})
    assert json.loads(row_texts(made, None, backend)[1]) == [1 << 70, *[0] * 7, NORMAL]


NUMBERS = arrays(np.int64, (LINES, WIDTH), elements=st.integers(1 - NORMAL, NORMAL - 1))
FRACTIONS = arrays(np.int64, (LINES, WIDTH), elements=st.sampled_from([0, 0, 0]) | st.integers(0, UNITS - 1))


@given(NUMBERS, FRACTIONS, st.booleans())
def test_every_backend_writes_the_same_bytes(whole: np.ndarray, fraction: np.ndarray, known: bool) -> None:
    compare(table(whole, int(known), fraction), np.arange(LINES))


def test_the_part_in_c_is_used_where_it_is_built_and_not_declined() -> None:
    built = find_spec("telemetry_tasks.formats.rows._native") is not None
    assert rows_backend(AUTO) == (NATIVE if built else SIMD)
    assert rows_backend(SIMD) == SIMD
