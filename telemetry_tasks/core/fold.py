"""Adding blocks of cells: exact, and the same whatever the order and the grouping.

Works on dense tiles of rows × columns, into which the sparse entries of every part are scattered: a part has
an entry at most once, so one fancy-indexed addition a part and tile is enough.
"""

from collections.abc import Sequence

import numpy as np

from telemetry_tasks.core.cells import EMPTY, Big, Cells, canonical, first_columns
from telemetry_tasks.core.chunks import chunks
from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK, MOST_ADDENDS, NORMAL, UNITS, beyond
from telemetry_tasks.core.rows import Layout, Row

TILE = 1 << 22
"""Numbers in a tile at most (32 MiB), but at least one row."""


def fold(parts: Sequence[Cells], signs: Sequence[int] | None = None) -> Cells:
    """The sum of ``parts``, each taken as often as its sign says (1 or −1; all 1 by default)."""
    signs = [1] * len(parts) if signs is None else signs
    pairs = [(part, sign) for part, sign in zip(parts, signs, strict=True) if part.rows]
    while len(pairs) > MOST_ADDENDS:
        pairs = [(_fold(chunk), 1) for chunk in chunks(pairs, MOST_ADDENDS)]
    if not pairs:
        return EMPTY
    if len(pairs) == 1 and pairs[0][1] == 1:
        return pairs[0][0]
    return _fold(pairs)


class _Placed:
    """One part with its rows and columns found in the sum's."""

    def __init__(self, part: Cells, sign: int, row_index: dict[Row, int], layout_first: dict[Layout, int]) -> None:
        self.part, self.sign = part, sign
        self.rows = np.fromiter((row_index[row] for row in part.rows), np.int64, len(part.rows))
        firsts = np.fromiter((layout_first[layout] for layout in part.layouts), np.int64, len(part.layouts))
        self.columns = np.repeat(firsts - part.first_columns[:-1], np.diff(part.first_columns)) + np.arange(part.width)

    def scatter(self, tile: np.ndarray, low: int, high: int, width: int, narrow: np.ndarray | None) -> None:
        """Adds the entries of the sum's rows ``low`` to ``high`` to the flat ``tile``.

        With ``narrow``, the places of the sum's columns in a tile of fewer, adds the fractions instead.
        """
        part = self.part
        start, columns, numbers = (
            (part.fraction_start, part.fraction_columns, part.fractions)
            if narrow is not None
            else (part.start, part.columns, part.values)
        )
        first, last = np.searchsorted(self.rows, (low, high))
        begin, end = start[first], start[last]
        if begin == end:
            return
        counts = np.diff(start[first : last + 1])
        places = self.columns if narrow is None else narrow[self.columns]
        at = np.repeat((self.rows[first:last] - low) * width, counts) + places[columns[begin:end]]
        if self.sign > 0:
            tile[at] += numbers[begin:end]
        else:
            tile[at] -= numbers[begin:end]


def _fold(pairs: Sequence[tuple[Cells, int]]) -> Cells:
    rows = sorted({row for part, _ in pairs for row in part.rows})
    layouts = sorted({layout for part, _ in pairs for layout in part.layouts})
    firsts = first_columns(layouts)
    width = int(firsts[-1])
    row_index = {row: i for i, row in enumerate(rows)}
    layout_first = {layout: int(firsts[i]) for i, layout in enumerate(layouts)}
    placed = [_Placed(part, sign, row_index, layout_first) for part, sign in pairs]
    big_sums = _sum_big(placed)
    entries: list[tuple[np.ndarray, ...]] = []
    fractions: list[tuple[np.ndarray, ...]] = []
    big: list[Big] = []
    height = max(1, TILE // max(width, 1))
    fractional = np.zeros(width, bool)
    for part in placed:
        fractional[part.columns[part.part.fraction_columns]] = True
    fraction_columns = np.flatnonzero(fractional)
    for low in range(0, len(rows), height):
        high = min(low + height, len(rows))
        tile = np.zeros((high - low) * width, np.int64)
        for part in placed:
            part.scatter(tile, low, high, width, None)
        at = fraction = np.zeros(0, np.int64)
        if len(fraction_columns):
            at, fraction = _fractions(placed, tile, low, high, width, fraction_columns)
        at, fraction = _normalise(tile, at, fraction, low, width, big_sums, big)
        whole = np.flatnonzero(tile != 0)  # a third of the time that numbers themselves take
        entries.append((*_taken_apart(whole, low, high, width), tile[whole]))
        fractions.append((*_taken_apart(at, low, high, width), fraction))
    return canonical(rows, layouts, _joined(entries), _joined(fractions), big)


def _taken_apart(places: np.ndarray, low: int, high: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of ascending places in a tile, in half the memory; divisions would cost more than the sums."""
    begins = np.arange(high - low + 1) * width
    counts = np.diff(np.searchsorted(places, begins))
    columns = places - np.repeat(begins[:-1], counts)
    return np.repeat(np.arange(low, high, dtype=np.int32), counts), columns.astype(np.uint32)


def _joined(pieces: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if len(pieces) == 1:
        row, column, number = pieces[0]
    else:
        row, column, number = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    return row, column, number


def _sum_big(placed: list[_Placed]) -> dict[tuple[int, int], int]:
    sums: dict[tuple[int, int], int] = {}
    for part in placed:
        for row, column, total in part.part.big:
            at = int(part.rows[row]), int(part.columns[column])
            sums[at] = sums.get(at, 0) + part.sign * total
    return sums


def _fractions(
    placed: list[_Placed], tile: np.ndarray, low: int, high: int, width: int, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums the fractions, carries whole units into ``tile``; the places and numbers of what is left.

    Few columns have fractions: only those (``columns``) are in the tile of their sums.
    """
    narrow = np.zeros(width, np.int64)
    narrow[columns] = np.arange(len(columns))
    sums = np.zeros((high - low) * len(columns), np.int64)
    for part in placed:
        part.scatter(sums, low, high, len(columns), narrow)
    at = np.flatnonzero(sums != 0)
    number = sums[at]
    rows, places = _taken_apart(at, 0, high - low, len(columns))
    at = rows.astype(np.int64) * width + columns[places]
    tile[at] += number >> FRACTION_BITS
    number &= FRACTION_MASK
    left = number != 0
    return at[left], number[left]


def _normalise(
    tile: np.ndarray,
    at: np.ndarray,
    fraction: np.ndarray,
    low: int,
    width: int,
    big_sums: dict[tuple[int, int], int],
    big: list[Big],
) -> tuple[np.ndarray, np.ndarray]:
    """Moves numbers between the tile and ``big`` so that each stands where its size puts it."""
    height = len(tile) // width if width else 0
    moved = {
        (row - low) * width + column: total for (row, column), total in big_sums.items() if low <= row < low + height
    }
    for place in beyond(tile, NORMAL).tolist():
        moved.setdefault(place, 0)
    if not moved:
        return at, fraction
    fraction_of = dict(zip(at.tolist(), fraction.tolist(), strict=True))
    for place, extra in moved.items():
        total = extra + (int(tile[place]) << FRACTION_BITS) + fraction_of.pop(place, 0)
        whole, rest = divmod(total, UNITS)
        if -NORMAL < whole < NORMAL:
            tile[place] = whole
            if rest:
                fraction_of[place] = rest
        else:
            tile[place] = 0
            big.append((place // width + low, place % width, total))
    places = sorted(fraction_of)
    return np.array(places, np.int64), np.array([fraction_of[p] for p in places], np.int64)
