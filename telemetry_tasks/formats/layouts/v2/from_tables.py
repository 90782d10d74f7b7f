"""From the table of a measure to the numbers of a pack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK
from telemetry_tasks.core.histograms import SUMS
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.shapes import Shape
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.layouts.v2.head import BUILD, SUBMISSION
from telemetry_tasks.formats.layouts.v2.numbers import Column, Numbers, Rows, Sparse, Totals
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape

KIND_OF = {BY_BUILD: BUILD, BY_SUBMISSION: SUBMISSION}
"""Names of the kinds of date in packs."""

GROUPS = (("sum", "sum_squares_lo", "sum_squares_hi"), ("log_sum", "log_sum_squares"))
"""The sums of histograms of 2013, those that a page needs first."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where dates and populations are in the lists of a pack: an index for each kind and date, and each population."""

    dates: Mapping[tuple[str, str], int]
    populations: Mapping[tuple[str, ...], int]


def published_shape(shape: Shape) -> PublishedShape:
    """The shape of a table as it is published."""
    kind = shape.axis.kind
    axis = {"kind": kind, **({"size": shape.axis.size} if shape.axis.size else {})}
    return PublishedShape(axis, GROUPS if shape.sums == SUMS else (shape.sums,) if shape.sums else ())


def numbers_of(table: Table, places: Places) -> dict[str, Numbers]:
    """The numbers of a table by kind of date."""
    populations = np.array([places.populations[each] for each in table.index.populations], np.int64)
    return _numbers(table, places, populations[table.index.population])


def totals_of(table: Table, places: Places) -> dict[str, Totals]:
    """The same with all populations of a date added up, and the records of each population."""
    added = table.totals()
    numbers = _numbers(added, places, np.zeros(len(added.keys), np.int64))
    cut, out = table.index.by_build, {}
    place = np.array([places.populations[each] for each in table.index.populations], np.int64)
    for by, part in ((BY_BUILD, slice(None, cut)), (BY_SUBMISSION, slice(cut, None))):
        records = np.zeros(len(places.populations), np.int64)
        np.add.at(records, place[table.index.population[part]], table.pings[part])
        seen = np.flatnonzero(records)
        out[KIND_OF[by]] = Totals(numbers[KIND_OF[by]], seen, records[seen])
    return out


def _numbers(table: Table, places: Places, populations: np.ndarray) -> dict[str, Numbers]:
    dates = np.array([places.dates[each] for each in table.index.dates], np.int64)[table.index.date]
    cut = table.index.by_build
    return {
        KIND_OF[by]: _Part(table, dates, populations, begin, end).numbers()
        for by, begin, end in ((BY_BUILD, 0, cut), (BY_SUBMISSION, cut, len(table.keys)))
    }


class _Part:
    """The lines of one kind of date."""

    def __init__(self, table: Table, dates: np.ndarray, populations: np.ndarray, begin: int, end: int) -> None:
        self._table, self._begin, self._end = table, begin, end
        self._dates, self._populations = dates[begin:end], populations[begin:end]
        self._overflow: dict[int, dict[int, int]] = {}
        for (line, column), units in table.overflow.items():
            if begin <= line < end:
                self._overflow.setdefault(column, {})[line - begin] = units

    def numbers(self) -> Numbers:
        shape = self._table.shape
        rows = Rows(self._dates, self._populations, self._table.pings[self._begin : self._end])
        names = [name for group in published_shape(shape).sums for name in group]
        return Numbers(rows, self._cells(), tuple(self._column(shape.sums, name) for name in names))

    def _column(self, sums: Sequence[str], name: str) -> Column:
        table, number = self._table, sums.index(name)
        whole, fractions = self._exact(table.shape.column(name))
        unknown = table.pings[self._begin : self._end] - table.known[self._begin : self._end, number]
        return Column(whole, unknown, fractions if fractions is not None and fractions.any() else None)

    def _exact(self, column: int) -> tuple[np.ndarray, np.ndarray | None]:
        """A column of the table: integer parts (int64 or Python's), and fractions if there may be any."""
        table = self._table
        whole = table.whole[self._begin : self._end, column]
        at = int(np.searchsorted(table.fractional, column))
        there = at < len(table.fractional) and table.fractional[at] == column
        fractions = table.fraction[self._begin : self._end, at] if there else None
        if overflow := self._overflow.get(column):
            whole = whole.astype(object)
            fractions = np.zeros(len(whole), np.int64) if fractions is None else fractions.copy()
            for line, units in overflow.items():
                whole[line], fractions[line] = units >> FRACTION_BITS, units & FRACTION_MASK
        return whole, fractions

    def _cells(self) -> Sparse:
        buckets = self._table.shape.bucket_columns
        size = buckets.stop - buckets.start
        odd = self._table.fractional[self._table.fractional < size]
        if len(odd) or any(column < size for column in self._overflow):
            return self._odd_cells(size)
        whole = self._table.whole[self._begin : self._end, buckets]
        lines, positions = np.nonzero(whole)
        return Sparse(np.bincount(lines, minlength=len(whole)), positions, whole[lines, positions])

    def _odd_cells(self, size: int) -> Sparse:
        """The same where some numbers are not integers, or do not fit an int64."""
        columns = [self._exact(column) for column in range(size)]
        whole = np.array([each for each, _ in columns], object).T.reshape(self._end - self._begin, size)
        none = np.zeros(self._end - self._begin, np.int64)
        fractions = np.array([none if each is None else each for _, each in columns], np.int64).T
        lines, positions = np.nonzero((whole != 0) | (fractions != 0))
        left = fractions[lines, positions]
        amounts = np.bincount(lines, minlength=len(whole))
        return Sparse(amounts, positions, whole[lines, positions], left if left.any() else None)
