"""Cells: sparse, exact, immutable counts by row and column, and their sums.

A block of cells has rows (``Row``: whose pings) and columns (``Layout`` by ``Layout``: which measure, which
element of its array). Blocks form a commutative group under ``fold``: the same rows and layouts in the same
order whatever was added in which order, and nothing kept of what became zero, so that equal sums are equal
values. Numbers are exact, see ``fixed``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from telemetry_tasks.core.rows import Layout, Row

Big = tuple[int, int, int]
"""Row index, column, total in units: a number too large for the arrays."""


def _no(dtype: type) -> np.ndarray:
    return np.zeros(0, dtype)


@dataclass(frozen=True)
class Cells:
    """A block of cells in canonical form. Compare with ``same``.

    ``rows`` and ``layouts`` ascend strictly, each has at least one number. Entry i of ``columns`` (uint32)
    and ``values`` (int64, never 0) belongs to the row r with ``start[r] <= i < start[r + 1]``; columns ascend
    in a row. ``fraction_*`` hold the fractions (int64, in units of 2⁻⁴⁰, never 0) in the same way.
    """

    rows: tuple[Row, ...] = ()
    layouts: tuple[Layout, ...] = ()
    start: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    columns: np.ndarray = field(default_factory=lambda: _no(np.uint32))
    values: np.ndarray = field(default_factory=lambda: _no(np.int64))
    fraction_start: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    fraction_columns: np.ndarray = field(default_factory=lambda: _no(np.uint32))
    fractions: np.ndarray = field(default_factory=lambda: _no(np.int64))
    big: tuple[Big, ...] = ()

    @cached_property
    def first_columns(self) -> np.ndarray:
        """First column of each layout, and after the last one the number of columns (int64)."""
        return first_columns(self.layouts)

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.first_columns[-1])

    def entry_rows(self) -> np.ndarray:
        """The row index of each entry of ``columns`` (int64)."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.start))

    def fraction_rows(self) -> np.ndarray:
        """The row index of each entry of ``fraction_columns`` (int64)."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.fraction_start))

    def same(self, other: "Cells") -> bool:
        """Whether both hold the same numbers."""
        return (
            self.rows == other.rows
            and self.layouts == other.layouts
            and self.big == other.big
            and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in ("start", "columns", "values", "fraction_start", "fraction_columns", "fractions")
            )
        )


EMPTY = Cells()


def first_columns(layouts: Sequence[Layout]) -> np.ndarray:
    """First column of each layout, and after the last one the number of columns (int64)."""
    firsts = np.zeros(len(layouts) + 1, np.int64)
    np.cumsum([layout.width for layout in layouts], out=firsts[1:])
    return firsts


def canonical(
    rows: Sequence[Row],
    layouts: Sequence[Layout],
    entries: tuple[np.ndarray, np.ndarray, np.ndarray],
    fractions: tuple[np.ndarray, np.ndarray, np.ndarray],
    big: Iterable[Big],
) -> Cells:
    """Cells of ascending ``rows`` and ``layouts``, freed of those without a number.

    ``entries`` and ``fractions`` are (row indices, columns, numbers), ascending by row and column, no number 0.
    """
    big = tuple(sorted(b for b in big if b[2]))
    firsts = first_columns(layouts)
    entry_rows, entry_columns, values = entries
    fraction_rows, fraction_columns, fraction_values = fractions
    starts, fraction_starts = _starts(entry_rows, len(rows)), _starts(fraction_rows, len(rows))
    row_used = (np.diff(starts) > 0) | (np.diff(fraction_starts) > 0)
    column_used = np.zeros(int(firsts[-1]), bool)
    column_used[entry_columns] = True
    column_used[fraction_columns] = True
    for row, column, _ in big:
        row_used[row] = column_used[column] = True
    layout_used = np.logical_or.reduceat(column_used, firsts[:-1]) if len(layouts) else np.zeros(0, bool)
    if not layout_used.all():
        keep = np.repeat(layout_used, np.diff(firsts))
        shift = np.cumsum(keep) - 1
        entry_columns, fraction_columns = shift[entry_columns], shift[fraction_columns]
        big = tuple((row, int(shift[column]), total) for row, column, total in big)
        layouts = [layout for layout, used in zip(layouts, layout_used, strict=True) if used]
    if not row_used.all():
        shift = np.cumsum(row_used) - 1
        starts, fraction_starts = (np.append(each[:-1][row_used], each[-1:]) for each in (starts, fraction_starts))
        big = tuple((int(shift[row]), column, total) for row, column, total in big)
        rows = [row for row, used in zip(rows, row_used, strict=True) if used]
    return Cells(
        tuple(rows),
        tuple(layouts),
        starts,
        entry_columns.astype(np.uint32),
        values,
        fraction_starts,
        fraction_columns.astype(np.uint32),
        fraction_values,
        big,
    )


def _starts(row_of_entry: np.ndarray, count: int) -> np.ndarray:
    # they ascend: a search for each row is nothing beside counting every entry
    return np.searchsorted(row_of_entry, np.arange(count + 1, dtype=row_of_entry.dtype)).astype(np.int64)
