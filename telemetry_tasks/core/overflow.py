"""Numbers that int64 arrays do not hold: taken out of the arrays as Python integers, and put back when they fit.

A number is ``whole`` (int64) and a fraction (int64, in units of 2⁻⁴⁰, see ``fixed``). If the whole part reaches
``NORMAL``, both arrays have 0 and the number is kept beside them, as a total in units::

    whole      3  2⁵³  0        settled with extra = {2: 2⁹³}        whole      3  0  0
    fraction   1   0   0                                              fraction   1  0  0
                                                                      overflow   {1: 2⁹³, 2: 2⁹³}
"""

import numpy as np

from telemetry_tasks.core.fixed import FRACTION_BITS, NORMAL, UNITS, beyond

Position = tuple[int, int]
"""Line and column."""


def settled(
    whole: np.ndarray, at: np.ndarray, fraction: np.ndarray, extra: dict[int, int]
) -> tuple[np.ndarray, np.ndarray, dict[int, int]]:
    """Adds ``extra`` (units by position in the flat ``whole``) and leaves in the arrays what fits.

    ``at`` (positions, ascending) and ``fraction`` are the fractions. Returns the new fractions, and the totals that
    do not fit, by position. ``whole`` is changed in place.
    """
    fraction_of = dict(zip(at.tolist(), fraction.tolist(), strict=True))
    overflow: dict[int, int] = {}
    for position, units in extra.items():
        total = units + (int(whole[position]) << FRACTION_BITS) + fraction_of.pop(position, 0)
        integer, rest = divmod(total, UNITS)
        if -NORMAL < integer < NORMAL:
            whole[position] = integer
            if rest:
                fraction_of[position] = rest
        else:
            whole[position] = 0
            overflow[position] = total
    positions = sorted(fraction_of)
    return (
        np.array(positions, np.int64),
        np.array([fraction_of[position] for position in positions], np.int64),
        overflow,
    )


def pop_exact(whole: np.ndarray, fraction: np.ndarray, fractional: np.ndarray, position: Position) -> int:
    """Takes one number out of a table's arrays, in units, and leaves 0.

    ``fraction`` has a column for each of the columns ``fractional`` (ascending) of ``whole``.
    """
    units = int(whole[position]) << FRACTION_BITS
    whole[position] = 0
    column = int(np.searchsorted(fractional, position[1]))
    if column < len(fractional) and fractional[column] == position[1]:
        units += int(fraction[position[0], column])
        fraction[position[0], column] = 0
    return units


def pop_large(
    whole: np.ndarray, fraction: np.ndarray, fractional: np.ndarray, limit: int
) -> tuple[np.ndarray, np.ndarray, dict[Position, int]]:
    """The arrays with 0 for every number of ``limit`` and more in size, and those numbers in units, by position.

    Returns the arrays themselves if there is no such number, otherwise copies.
    """
    found = beyond(whole, limit).tolist()
    if not found:
        return whole, fraction, {}
    whole, fraction = whole.copy(), fraction.copy()
    positions = [divmod(flat, whole.shape[1]) for flat in found]
    return whole, fraction, {position: pop_exact(whole, fraction, fractional, position) for position in positions}
