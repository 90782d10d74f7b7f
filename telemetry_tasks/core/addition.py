"""Adding blocks of cells: exact, with the same result in any order and grouping.

Works on dense tiles of rows × columns, into which the sparse entries of every part are scattered. A part has an entry
at most once, so one fancy-indexed addition per part and tile is enough. Two parts, of rows a b and b c, in a tile::

    part 1   a   5 .        part 2   b   1 2        tile   a   5 .
             b   . 7                 c   . 3               b   1 9
                                                           c   . 3
"""

from collections.abc import Sequence

import numpy as np

from telemetry_tasks.core.cells import EMPTY, Cells, Overflow, canonical, first_columns
from telemetry_tasks.core.chunks import chunks
from telemetry_tasks.core.entries import Triples
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, MOST_ADDENDS, NORMAL, beyond
from telemetry_tasks.core.overflow import settled
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import Run

TILE = 1 << 22
"""Numbers in a tile at most (32 MiB), but at least one row."""


def add_cells(parts: Sequence[Cells], signs: Sequence[int] | None = None) -> Cells:
    """The sum of ``parts``, each multiplied by its sign (1 or −1; all 1 by default)."""
    signs = [1] * len(parts) if signs is None else signs
    pairs = [(part, sign) for part, sign in zip(parts, signs, strict=True) if part.rows]
    while len(pairs) > MOST_ADDENDS:
        pairs = [(_add(chunk), 1) for chunk in chunks(pairs, MOST_ADDENDS)]
    if not pairs:
        return EMPTY
    if len(pairs) == 1 and pairs[0][1] == 1:
        return pairs[0][0]
    return _add(pairs)


class _Placed:
    """One part, with its rows and columns as indices into those of the sum.

    A part with rows b c and the run Y of 2 columns, in a sum with rows a b c and the runs X (3 columns) and Y::

        rows   1 2        columns   3 4
    """

    def __init__(self, part: Cells, sign: int, row_index: dict[Row, int], run_first: dict[Run, int]) -> None:
        self.part, self.sign = part, sign
        self.rows = np.fromiter((row_index[row] for row in part.rows), np.int64, len(part.rows))
        firsts = np.fromiter((run_first[run] for run in part.runs), np.int64, len(part.runs))
        self.columns = np.repeat(firsts - part.first_columns[:-1], np.diff(part.first_columns)) + np.arange(part.width)

    def scatter(self, tile: np.ndarray, low: int, high: int, width: int, narrow: np.ndarray | None) -> None:
        """Adds the entries of the sum's rows ``low`` to ``high`` to the flat ``tile``.

        With ``narrow`` (positions of the sum's columns in a narrower tile), adds the fractions instead.
        """
        entries = self.part.whole if narrow is None else self.part.fraction
        first, last = np.searchsorted(self.rows, (low, high))
        begin, end = entries.start[first], entries.start[last]
        if begin == end:
            return
        counts = np.diff(entries.start[first : last + 1])
        target = self.columns if narrow is None else narrow[self.columns]
        at = np.repeat((self.rows[first:last] - low) * width, counts) + target[entries.columns[begin:end]]
        if self.sign > 0:
            tile[at] += entries.numbers[begin:end]
        else:
            tile[at] -= entries.numbers[begin:end]


def _add(pairs: Sequence[tuple[Cells, int]]) -> Cells:
    rows = sorted({row for part, _ in pairs for row in part.rows})
    runs = sorted({run for part, _ in pairs for run in part.runs})
    firsts = first_columns(runs)
    width = int(firsts[-1])
    row_index = {row: i for i, row in enumerate(rows)}
    run_first = {run: int(firsts[i]) for i, run in enumerate(runs)}
    placed = [_Placed(part, sign, row_index, run_first) for part, sign in pairs]
    extra = _sum_overflow(placed, width)
    wholes: list[Triples] = []
    fractions: list[Triples] = []
    overflow: list[Overflow] = []
    height = max(1, TILE // max(width, 1))
    fractional = np.zeros(width, bool)
    for part in placed:
        fractional[part.columns[part.part.fraction.columns]] = True
    fraction_columns = np.flatnonzero(fractional)
    for low in range(0, len(rows), height):
        high = min(low + height, len(rows))
        tile = np.zeros((high - low) * width, np.int64)
        for part in placed:
            part.scatter(tile, low, high, width, None)
        at = fraction = np.zeros(0, np.int64)
        if len(fraction_columns):
            at, fraction = _fractions(placed, tile, low, high, width, fraction_columns)
        here = {position - low * width: units for position, units in extra.items() if low <= position // width < high}
        here |= {position: here.get(position, 0) for position in beyond(tile, NORMAL).tolist()}
        if here:
            at, fraction, large = settled(tile, at, fraction, here)
            overflow += [(position // width + low, position % width, units) for position, units in large.items()]
        whole = np.flatnonzero(tile != 0)  # a third of the time that numbers themselves take
        wholes.append(Triples(*_taken_apart(whole, low, high, width), tile[whole]))
        fractions.append(Triples(*_taken_apart(at, low, high, width), fraction))
    return canonical(rows, runs, _joined(wholes), _joined(fractions), overflow)


def _taken_apart(positions: np.ndarray, low: int, high: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of ascending positions in a tile, in half the memory; dividing would cost more than adding.

    Positions 1 3 5 in a tile of rows 7 8 (``low`` = 7) and 3 columns::

        tile   . x .        rows      7 8 8
               x . x        columns   1 0 2
    """
    begins = np.arange(high - low + 1) * width
    counts = np.diff(np.searchsorted(positions, begins))
    columns = positions - np.repeat(begins[:-1], counts)
    return np.repeat(np.arange(low, high, dtype=np.int32), counts), columns.astype(np.uint32)


def _joined(pieces: list[Triples]) -> Triples:
    return pieces[0] if len(pieces) == 1 else Triples(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))


def _sum_overflow(placed: list[_Placed], width: int) -> dict[int, int]:
    """The sums of the parts' large numbers, by row times ``width`` plus column of the sum."""
    sums: dict[int, int] = {}
    for part in placed:
        for row, column, total in part.part.overflow:
            position = int(part.rows[row]) * width + int(part.columns[column])
            sums[position] = sums.get(position, 0) + part.sign * total
    return sums


def _fractions(
    placed: list[_Placed], tile: np.ndarray, low: int, high: int, width: int, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums the fractions and carries whole units into ``tile``. Returns positions and numbers of the remainders.

    Few columns have fractions: only those (``columns``) are in the tile of their sums. Of ``columns`` = 2, in halves::

        sums   1        tile   . . .        after   . . .        at   2        numbers   1
               2               . . 5                . . 6
    """
    narrow = np.zeros(width, np.int64)
    narrow[columns] = np.arange(len(columns))
    sums = np.zeros((high - low) * len(columns), np.int64)
    for part in placed:
        part.scatter(sums, low, high, len(columns), narrow)
    at = np.flatnonzero(sums != 0)
    number = sums[at]
    rows, positions = _taken_apart(at, 0, high - low, len(columns))
    at = rows.astype(np.int64) * width + columns[positions]
    tile[at] += number >> FRACTION_BITS
    number &= FRACTION_MASK
    left = number != 0
    return at[left], number[left]
