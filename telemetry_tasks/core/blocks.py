"""How the state of a channel/version is cut into blocks, and digests of the measures in them."""

import hashlib
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.digests import text_of
from telemetry_tasks.core.entries import ByKey
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import Run

BLOCKS = 64
"""Blocks of measures. Fixed: to change it, rebuild the state from the partial results."""

PINGS_BLOCK = "pings"
_MEASURES, _LEDGER = "c", "l"
"""What the names of blocks of measures and of ledger entries begin with."""


def block_of(run: Run) -> str:
    """The block that holds a run: ``pings`` for the counting of pings, ``c00`` … for the measures."""
    return block_of_measure(run.measure) if run.measure else PINGS_BLOCK


def block_of_measure(measure: str) -> str:
    """The block that holds a measure."""
    return f"{_MEASURES}{zlib.crc32(measure.encode()) % BLOCKS:02d}"


def number_of_block(name: str) -> int:
    """The number of a block of measures, from 0."""
    return int(name.removeprefix(_MEASURES))


def ledger_block(entry: LedgerEntry) -> str:
    """The block that keeps a partition's entry: of a day, or one of 256 if the keys of its files name no day."""
    day = entry.reports[0].day if entry.reports else ""
    return f"{_LEDGER}{day or entry.partition.id[:2]}"


def is_ledger_block(name: str) -> bool:
    """Whether a block holds ledger entries."""
    return name.startswith(_LEDGER)


def measure_digests(cells: Cells, wanted: Iterable[str]) -> dict[str, str]:
    """A digest of the numbers of each wanted measure that exists: equal if and only if the cells are equal."""
    names = [run.measure for run in cells.runs]
    row_digests = np.array([_row_digest(row) for row in cells.rows], np.uint64)
    by_column = [
        ByKey(entries.triples(), np.arange(cells.width), cells.width) for entries in (cells.whole, cells.fraction)
    ]
    out = {}
    for measure in sorted(set(wanted)):
        begin, end = bisect_left(names, measure), bisect_right(names, measure)
        if begin == end:
            continue
        first, last = int(cells.first_columns[begin]), int(cells.first_columns[end])
        digest = hashlib.blake2b(text_of(cells.runs[begin:end]).encode(), digest_size=16)
        for entries in by_column:
            rows, columns, numbers = entries.between(first, last)
            for array in (row_digests[rows], columns.astype(np.int64) - first, numbers):
                digest.update(array.tobytes())
        for row, column, total in cells.overflow:
            if first <= column < last:
                digest.update(f"{row_digests[row]} {column - first} {total}".encode())
        out[measure] = digest.hexdigest()
    return out


@lru_cache(maxsize=1 << 14)  # all blocks of a channel/version have mostly the same rows
def _row_digest(row: Row) -> int:
    return int.from_bytes(hashlib.blake2b(text_of(row).encode(), digest_size=8).digest(), "little")
