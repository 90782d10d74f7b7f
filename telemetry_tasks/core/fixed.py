"""Exact sums: numbers as integers of one fixed unit.

Floating point addition depends on its order, so nothing here adds floats. A number is kept as a total
in units of 2⁻⁴⁰ (finer than the 2⁻²⁰ that the rules ask for): in arrays as its integer part (int64) and
its fraction (0 … 2⁴⁰ − 1), and as one Python integer if the integer part reaches ``NORMAL``.
Each number is rounded once, when it is read; after that every sum is exact and cannot overflow.
"""

import numpy as np

FRACTION_BITS = 40
UNITS = 1 << FRACTION_BITS
FRACTION_MASK = UNITS - 1

LARGEST_FLOAT = float(np.finfo(np.float64).max)

NORMAL = 1 << 53
"""Integer parts below this stay in arrays. 512 of them still fit an int64."""

MOST_ADDENDS = 512
"""Blocks that may be added in int64 before their values must be brought below ``NORMAL`` again."""


def to_fixed(value: int | float) -> int:
    """The number in units of 2⁻⁴⁰, rounded half to even. ``value`` must be finite."""
    if isinstance(value, int):
        return value << FRACTION_BITS
    numerator, denominator = value.as_integer_ratio()
    whole, rest = divmod(numerator << FRACTION_BITS, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole & 1))


def from_units(units: int) -> int | float:
    """The number as an integer if it is one, otherwise the nearest double (the largest if it is out of range)."""
    whole, fraction = divmod(units, UNITS)
    if not fraction:
        return whole
    try:
        value = units / UNITS
    except OverflowError:
        return LARGEST_FLOAT if units > 0 else -LARGEST_FLOAT
    return int(value) if value.is_integer() else value


def beyond(numbers: np.ndarray, limit: int) -> np.ndarray:
    """Positions in the flattened array (int64) of numbers of ``limit`` and more in size. Fast if there are none."""
    if numbers.max(initial=0) < limit and numbers.min(initial=0) > -limit:
        return np.zeros(0, np.int64)
    return np.flatnonzero((numbers >= limit) | (numbers <= -limit))


def split(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integer parts and fractions (both int64) of float64 ``values`` below ``NORMAL`` in size.

    Rounds as ``to_fixed`` does: scaling by a power of two is exact, so there is one rounding.
    """
    units = np.rint(values * UNITS)
    whole = np.floor(units / UNITS)
    return whole.astype(np.int64), (units - whole * UNITS).astype(np.int64)
