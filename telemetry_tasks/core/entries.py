"""Sparse numbers by row and column, in three orders: ``Entries`` by row, ``Triples`` one by one, ``ByKey`` by column.

A block of 2 rows × 3 columns in each of them::

    columns    0 1 2        Entries               Triples              ByKey, key = column
    row 0      . 5 .        start    0 1 3        rows     0 1 1       rows     1 0 1
    row 1      7 . 9        columns  1 0 2        columns  1 0 2       columns  0 1 2
                            numbers  5 7 9        numbers  5 7 9       numbers  7 5 9
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Triples(NamedTuple):
    """Arrays of equal length, ascending by row and column: the position of each number, and the number, never 0."""

    rows: np.ndarray
    columns: np.ndarray
    numbers: np.ndarray


@dataclass(frozen=True, slots=True)
class Entries:
    """Numbers row by row.

    Entry i of ``columns`` (uint32) and ``numbers`` (int64, never 0) belongs to the row r with
    ``start[r] <= i < start[r + 1]``; ``start`` (int64) has one element more than there are rows. Columns ascend in a
    row.
    """

    start: np.ndarray
    columns: np.ndarray
    numbers: np.ndarray

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.start) - 1

    @property
    def rows(self) -> np.ndarray:
        """The row index of each entry (int64)."""
        return np.repeat(np.arange(self.height), np.diff(self.start))

    def triples(self) -> Triples:
        """The entries as triples."""
        return Triples(self.rows, self.columns, self.numbers)

    def taken(self, order: np.ndarray) -> Triples:
        """The entries of the rows ``order`` (indices, a row may come twice), renumbered in that order.

        In the example, ``order`` = 1 0 gives rows 0 0 1, columns 0 2 1, numbers 7 9 5.
        """
        counts = np.diff(self.start)[order]
        ends = np.cumsum(counts)
        at = np.repeat(self.start[order] - (ends - counts), counts) + np.arange(int(counts.sum()))
        return Triples(np.repeat(np.arange(len(order)), counts), self.columns[at].astype(np.int64), self.numbers[at])

    def same(self, other: "Entries") -> bool:
        """Whether both hold the same numbers at the same positions."""
        return (
            np.array_equal(self.start, other.start)
            and np.array_equal(self.columns, other.columns)
            and np.array_equal(self.numbers, other.numbers)
        )


def no_entries(height: int = 0) -> Entries:
    """Rows without a number."""
    return Entries(np.zeros(height + 1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.int64))


def starts(rows: np.ndarray, height: int) -> np.ndarray:
    """``Entries.start`` for ascending row indices."""
    # they ascend: searching for each row is much cheaper than counting every entry
    return np.searchsorted(rows, np.arange(height + 1, dtype=rows.dtype)).astype(np.int64)


class ByKey:
    """Triples sorted by a key of their column, so that those of a key are a slice; equal keys stay in their order.

    ``key_of_column`` (int64, not negative, below ``keys``) has one element a column.
    """

    def __init__(self, triples: Triples, key_of_column: np.ndarray, keys: int) -> None:
        key = key_of_column[triples.columns]
        order = stable_order(key, keys)
        self._key = key[order]
        self._triples = Triples(*(array[order] for array in triples))

    def between(self, first: int, last: int) -> Triples:
        """The triples whose keys are at least ``first`` and below ``last``."""
        begin, end = np.searchsorted(self._key, (first, last))
        return Triples(*(array[begin:end] for array in self._triples))


def stable_order(numbers: np.ndarray, below: int) -> np.ndarray:
    """Indices (int64) that sort ``numbers``, all of them in [0, ``below``); the sort is stable.

    numpy sorts 16 bits by counting, in a fraction of the time of 64.
    """
    narrow = numbers.astype(np.uint16, copy=False) if below <= 1 << 16 else numbers
    return np.argsort(narrow, kind="stable")
