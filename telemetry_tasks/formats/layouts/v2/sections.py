"""The sections of a pack: numbers as one series of unsigned integers each, compressed by itself.

A section is read whole: whatever is left over, or missing, is an error. docs/layout-2.md has the order of the integers.
Readers import this module: numpy and the standard library are all it needs.
"""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2 import varints
from telemetry_tasks.formats.layouts.v2.numbers import FRACTION_BITS, Column, Numbers, Rows, Sparse, Totals

LARGEST_SECTION = 1 << 26
"""Bytes that a section may have, inflated: more is damage. A month of 2000 populations and 100 buckets has a third."""

_LARGEST_GAP = 1 << 36
"""Gaps of indices and positions are below this: as many as a section can hold add up to an int64."""

Series = list[np.ndarray]
"""Arrays of integers that are not negative, to be written one after the other."""


def raw(series: Series) -> bytes:
    """The bytes of a section, before it is compressed."""
    if any(part.dtype == object for part in series):
        return b"".join(map(varints.encode, series))
    return varints.encode(np.concatenate(series)) if series else b""


def rows_series(rows: Rows, *, populations: bool = True) -> Series:
    """The index: which rows there are, and their records; ``totals`` have no populations."""
    first = np.diff(rows.dates, prepend=-1) != 0
    before = np.concatenate([np.zeros(1, np.int64), rows.populations[:-1] + 1]) if len(rows) else rows.populations
    within = [np.where(first, rows.populations, rows.populations - before)] if populations else []
    return [_one(len(rows)), np.diff(rows.dates, prepend=0), *within, rows.records]


def sparse_series(sparse: Sparse) -> Series:
    """The unit, amounts, gaps between positions, numbers, and fractions where there are any."""
    gaps = _gaps(sparse.positions, sparse.amounts)
    bits, fractions = (0, []) if sparse.fractions is None else (FRACTION_BITS, [sparse.fractions])
    return [_one(bits), sparse.amounts, gaps, varints.zigzag(sparse.numbers), *fractions]


def _gaps(positions: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    gaps = np.diff(positions, prepend=-1) - 1
    firsts = (np.cumsum(amounts) - amounts)[amounts > 0]
    gaps[firsts] = positions[firsts]
    return gaps


def column_series(column: Column) -> Series:
    """A sum of each row."""
    if column.fractions is None:
        return [_one(0), varints.zigzag(column.whole), column.unknown]
    return [_one(FRACTION_BITS), varints.zigzag(column.whole), column.fractions, column.unknown]


def totals_series(totals: Mapping[str, Totals], kinds: Sequence[str]) -> Series:
    """What a first chart needs: rows without populations, and records by population, of each kind of date."""
    series: Series = []
    for kind in kinds:
        numbers = totals[kind].numbers
        series += [*rows_series(numbers.rows, populations=False), *sparse_series(numbers.cells)]
        for column in numbers.sums:
            series += column_series(column)
    for kind in kinds:
        of = totals[kind]
        series += [_one(len(of.populations)), np.diff(of.populations, prepend=-1) - 1, of.records]
    return series


def _one(number: int) -> np.ndarray:
    return np.array([number], np.int64)


class Section:
    """Reads the integers of a section in their order. Raises ``DataError`` ``bad-pack`` if it is damaged."""

    def __init__(self, compressed: bytes) -> None:
        self._numbers, self._at = varints.decode(inflate(compressed)), 0

    def _take(self, amount: int) -> np.ndarray:
        if amount > len(self._numbers) - self._at:
            raise DataError("bad-pack", "a section has too few numbers")
        self._at += amount
        part = self._numbers[self._at - amount : self._at]
        return varints.shrunk(part.tolist()) if part.dtype == object else part

    def _small(self, amount: int) -> np.ndarray:
        part = self._take(amount)
        if part.dtype == object:
            raise DataError("bad-pack", "an index does not fit 63 bits")
        return part

    def _gaps(self, amount: int) -> np.ndarray:
        part = self._small(amount)
        if part.max(initial=0) >= _LARGEST_GAP:
            raise DataError("bad-pack", "an index is too large")
        return part

    def _length(self) -> int:
        return int(self._small(1)[0])

    def _total(self, amounts: np.ndarray) -> int:
        if amounts.max(initial=0) > len(self._numbers):
            raise DataError("bad-pack", "a section has too few numbers")
        return int(amounts.sum())

    def _unit(self) -> bool:
        """Whether fractions follow."""
        bits = self._length()
        if bits not in (0, FRACTION_BITS):
            raise DataError("bad-pack", f"numbers have the unit 2^-{bits}")
        return bits != 0

    def rows(self, *, populations: bool = True) -> Rows:
        """The index."""
        length = self._length()
        gaps = self._gaps(length)
        given = self._gaps(length) if populations else np.zeros(length, np.int64)
        records = self._take(length)
        dates = np.cumsum(gaps)
        if populations and length:
            first = gaps > 0
            first[0] = True
            given = _cumulated(given, first)
        return Rows(dates, given, records)

    def sparse(self, rows: int) -> Sparse:
        """Numbers by position of this many rows."""
        has_fractions = self._unit()
        amounts = self._small(rows)
        total = self._total(amounts)
        gaps = self._gaps(total)
        first = np.zeros(total, bool)
        first[(np.cumsum(amounts) - amounts)[amounts > 0]] = True
        numbers = varints.unzigzag(self._take(total))
        return Sparse(amounts, _cumulated(gaps, first), numbers, self._small(total) if has_fractions else None)

    def column(self, rows: int) -> Column:
        """A sum of this many rows."""
        has_fractions = self._unit()
        whole = varints.unzigzag(self._take(rows))
        fractions = self._small(rows) if has_fractions else None
        return Column(whole, self._take(rows), fractions)

    def totals(self, kinds: Sequence[str], sums: int) -> dict[str, Totals]:
        """Totals by kind of date; ``sums`` is how many sums the shape has."""
        numbers = {}
        for kind in kinds:
            rows = self.rows(populations=False)
            cells = self.sparse(len(rows))
            numbers[kind] = Numbers(rows, cells, tuple(self.column(len(rows)) for _ in range(sums)))
        out = {}
        for kind in kinds:
            length = self._length()
            populations = np.cumsum(self._gaps(length) + 1) - 1
            out[kind] = Totals(numbers[kind], populations, self._take(length))
        return out

    def end(self) -> None:
        """Everything must have been read."""
        if self._at != len(self._numbers):
            raise DataError("bad-pack", f"a section has {len(self._numbers) - self._at} numbers too many")


def _cumulated(gaps: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Positions of gaps: each is the one before plus its gap plus 1, from where ``first`` is true on, counted from 0.

    Of two rows, the first of two positions::

        gaps 2 0 1    first 1 0 1    positions 2 3 1
    """
    if not len(gaps):
        return gaps
    steps = gaps + 1
    ends = np.cumsum(steps) - 1
    starts = np.flatnonzero(first)
    begins = ends[starts] - gaps[starts]
    return ends - np.repeat(begins, np.diff(np.append(starts, len(gaps))))


def inflate(compressed: bytes) -> bytes:
    """The bytes of a raw deflate stream. Raises ``DataError`` ``bad-pack``."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = stream.decompress(compressed, LARGEST_SECTION)
    except zlib.error as error:
        raise DataError("bad-pack", f"a section cannot be inflated: {error}") from error
    if not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise DataError("bad-pack", "a section is longer or shorter than its pack says")
    return data
