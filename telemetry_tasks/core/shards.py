"""How the state of a channel/version is cut into blocks, and digests of the measures in them."""

import hashlib
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.order import stable_order
from telemetry_tasks.core.rows import Layout, Row

SHARDS = 64
"""Blocks of measures. Fixed: changing it means building the state anew from the partial results."""

PINGS_BLOCK = "pings"


def block_of(layout: Layout) -> str:
    """The block that holds a layout: ``pings`` for the counting of pings, ``c00`` … for the measures."""
    return block_of_measure(layout.measure) if layout.measure else PINGS_BLOCK


def block_of_measure(measure: str) -> str:
    """The block that holds a measure."""
    return f"c{zlib.crc32(measure.encode()) % SHARDS:02d}"


def measure_digests(cells: Cells, wanted: Iterable[str]) -> dict[str, str]:
    """A digest of the numbers of each wanted measure that is there: equal exactly where the cells are equal."""
    names = [layout.measure for layout in cells.layouts]
    row_digests = np.array([_row_digest(row) for row in cells.rows], np.uint64)
    entries = _ByColumn(cells.entry_rows(), cells.columns, cells.values, cells.width)
    fractions = _ByColumn(cells.fraction_rows(), cells.fraction_columns, cells.fractions, cells.width)
    out = {}
    for measure in sorted(set(wanted)):
        begin, end = bisect_left(names, measure), bisect_right(names, measure)
        if begin == end:
            continue
        first, last = int(cells.first_columns[begin]), int(cells.first_columns[end])
        digest = hashlib.blake2b(repr([tuple(layout) for layout in cells.layouts[begin:end]]).encode(), digest_size=16)
        for block in (entries, fractions):
            rows, columns, numbers = block.between(first, last)
            for array in (row_digests[rows], columns - first, numbers):
                digest.update(array.tobytes())
        for row, column, total in cells.big:
            if first <= column < last:
                digest.update(f"{row_digests[row]} {column - first} {total}".encode())
        out[measure] = digest.hexdigest()
    return out


@lru_cache(maxsize=1 << 14)  # all blocks of a channel/version have much the same rows
def _row_digest(row: Row) -> int:
    return int.from_bytes(hashlib.blake2b(repr(tuple(row)).encode(), digest_size=8).digest(), "little")


class _ByColumn:
    """Entries sorted by column, inside a column by row."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray, width: int) -> None:
        order = stable_order(columns, width)
        self._rows, self._columns, self._numbers = rows[order], columns[order].astype(np.int64), numbers[order]

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        begin, end = np.searchsorted(self._columns, (first, last))
        return self._rows[begin:end], self._columns[begin:end], self._numbers[begin:end]
