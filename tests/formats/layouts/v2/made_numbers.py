"""Numbers of packs from plain lists, and back: what tests compare."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from telemetry_tasks.formats.layouts.v2.numbers import FRACTION_BITS, Column, Numbers, Rows, Sparse, Totals
from telemetry_tasks.formats.layouts.v2.varints import shrunk

Cells = Mapping[int, Fraction | int]
NO_CELLS: Cells = MappingProxyType({})


class Line(NamedTuple):
    """A row: date, population, records; its numbers by position; each sum, and how many records did not know it."""

    date: int
    population: int
    records: int
    cells: Cells
    sums: Sequence[tuple[Fraction | int, int]] = ()
    shares: Cells = NO_CELLS
    clients: Cells = NO_CELLS


def numbers(lines: Sequence[Line], sums: int = 0, *, shares: bool = False, clients: bool = False) -> Numbers:
    """The numbers of rows in ascending order."""
    rows = Rows(
        np.array([line.date for line in lines], np.int64),
        np.array([line.population for line in lines], np.int64),
        shrunk([line.records for line in lines]),
    )
    return Numbers(
        rows,
        sparse([line.cells for line in lines]),
        tuple(column([line.sums[i] for line in lines]) for i in range(sums)),
        sparse([line.shares for line in lines]) if shares else None,
        sparse([line.clients for line in lines]) if clients else None,
    )


def sparse(rows: Sequence[Cells]) -> Sparse:
    """Numbers by position of each row."""
    flat = [(position, n) for row in rows for position, n in sorted(row.items())]
    whole, fractions = split([n for _, n in flat])
    amounts = np.array([len(row) for row in rows], np.int64)
    return Sparse(amounts, np.array([position for position, _ in flat], np.int64), whole, fractions)


def column(values: Sequence[tuple[Fraction | int, int]]) -> Column:
    """A sum of each row, and how many records did not know it."""
    whole, fractions = split([value for value, _ in values])
    return Column(whole, shrunk([unknown for _, unknown in values]), fractions)


def split(values: Sequence[Fraction | int]) -> tuple[np.ndarray, np.ndarray | None]:
    """Integer parts and what is left of them in units of 2⁻⁴⁰; None if nothing is left of any."""
    units = [int(value * (1 << FRACTION_BITS)) for value in values]
    left = np.array([unit & ((1 << FRACTION_BITS) - 1) for unit in units], np.int64)
    return shrunk([unit >> FRACTION_BITS for unit in units]), left if left.any() else None


def joined(whole: np.ndarray, fractions: np.ndarray | None) -> list[Fraction]:
    """The numbers of ``split``."""
    left = [0] * len(whole) if fractions is None else fractions.tolist()
    return [n + Fraction(rest, 1 << FRACTION_BITS) for n, rest in zip(whole.tolist(), left, strict=True)]


def lines_of(found: Numbers) -> list[Line]:
    """The rows that ``numbers`` was made of."""
    cells, shares, clients = (_cells(each, len(found.rows)) for each in (found.cells, found.shares, found.clients))
    sums = [list(zip(joined(each.whole, each.fractions), each.unknown.tolist(), strict=True)) for each in found.sums]
    index = (found.rows.dates, found.rows.populations, found.rows.records)
    return [
        Line(date, population, records, cells[i], [each[i] for each in sums], shares[i], clients[i])
        for i, (date, population, records) in enumerate(zip(*(each.tolist() for each in index), strict=True))
    ]


def _cells(found: Sparse | None, rows: int) -> list[dict[int, Fraction | int]]:
    return [{} for _ in range(rows)] if found is None else rows_of(found)


def rows_of(found: Sparse) -> list[dict[int, Fraction | int]]:
    """The numbers by position of each row."""
    rows: list[dict[int, Fraction | int]] = [{} for _ in found.amounts]
    values = joined(found.numbers, found.fractions)
    for row, position, value in zip(found.row_of_number.tolist(), found.positions.tolist(), values, strict=True):
        rows[row][position] = value
    return rows


def totals(lines: Sequence[Line], sums: int = 0) -> Totals:
    """All populations of each date added up, one number after the other."""
    added: list[Line] = []
    for date in sorted({line.date for line in lines}):
        of_date = [line for line in lines if line.date == date]
        cells: dict[int, Fraction | int] = {}
        for line in of_date:
            for position, n in line.cells.items():
                cells[position] = cells.get(position, 0) + n
        each = [
            (sum((line.sums[i][0] for line in of_date), Fraction(0)), sum(line.sums[i][1] for line in of_date))
            for i in range(sums)
        ]
        added.append(Line(date, 0, sum(line.records for line in of_date), cells, each))
    populations = sorted({line.population for line in lines})
    records = [sum(line.records for line in lines if line.population == each) for each in populations]
    return Totals(numbers(added, sums), np.array(populations, np.int64), shrunk(records))
