"""The numbers of one measure by one kind of date, as the sections of a pack hold them.

Arrays are int64; where a number does not fit, an array has Python's integers (dtype object).
"""

from dataclasses import dataclass, field

import numpy as np

FRACTION_BITS = 40
"""Fractions are in units of 2⁻⁴⁰."""


def no_numbers() -> np.ndarray:
    """No number (int64)."""
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class Rows:
    """Rows in ascending order of (date, population): indices into the lists of a pack, and records of each row."""

    dates: np.ndarray = field(default_factory=no_numbers)
    populations: np.ndarray = field(default_factory=no_numbers)
    records: np.ndarray = field(default_factory=no_numbers)

    def __len__(self) -> int:
        return len(self.dates)


@dataclass(frozen=True)
class Sparse:
    """Numbers at the positions of an axis that are not 0, row by row.

    ``amounts`` has how many there are of each row; ``positions`` ascend in a row. Of two rows of three positions::

        5 . 7        amounts 2 1   positions 0 2 1   numbers 5 7 9
        . 9 .

    ``fractions``, where there are any, are what is left of each number in units of 2⁻⁴⁰.
    """

    amounts: np.ndarray = field(default_factory=no_numbers)
    positions: np.ndarray = field(default_factory=no_numbers)
    numbers: np.ndarray = field(default_factory=no_numbers)
    fractions: np.ndarray | None = None

    @property
    def row_of_number(self) -> np.ndarray:
        """The row of each number (int64)."""
        return np.repeat(np.arange(len(self.amounts)), self.amounts)


@dataclass(frozen=True)
class Column:
    """A sum for each row: the integer part, rounded down; the rest in units of 2⁻⁴⁰; how many records did not know it.

    ``fractions`` is None if there is no fraction in the column.
    """

    whole: np.ndarray
    unknown: np.ndarray
    fractions: np.ndarray | None = None


@dataclass(frozen=True)
class Numbers:
    """All numbers of a measure in one shape, by one kind of date. ``sums`` are in the order of the shape's groups."""

    rows: Rows
    cells: Sparse
    sums: tuple[Column, ...] = ()
    shares: Sparse | None = None
    clients: Sparse | None = None


@dataclass(frozen=True)
class Totals:
    """The numbers with all populations of a date added up (``populations`` are 0), and records by population."""

    numbers: Numbers
    populations: np.ndarray = field(default_factory=no_numbers)
    records: np.ndarray = field(default_factory=no_numbers)
