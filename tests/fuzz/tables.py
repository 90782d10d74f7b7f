"""Random tables, from plain ones to numbers at every limit."""

import random

import numpy as np

from telemetry_tasks.core.fixed import NORMAL, UNITS
from telemetry_tasks.core.histograms import SUMS, histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table

WHOLE = (0, 0, 0, 0, 0, 1, 7, 9, 10, 99, 12345, 1 << 31, NORMAL - 1, -1, -10, 1 - NORMAL)
FRACTIONS = (0, 0, 0, 1, UNITS // 2, UNITS // 4 * 3, UNITS - 1)
BIG = (NORMAL * UNITS, -NORMAL * UNITS - 1, (1 << 64) * UNITS, (1 << 63) * UNITS + 1, (1 << 1100) * UNITS + 1, 3)


def random_table(chance: random.Random) -> tuple[Table, np.ndarray | None]:
    """A table, and ids for its lines or none."""
    lines, shape = chance.choice([0, 1, 2, 5]), histogram_shape(chance.choice([1, 2, 4, 7, 26]))
    width = shape.width
    size = lines * width
    whole = np.array([chance.choice(WHOLE) for _ in range(size)], np.int64)
    fraction = np.array([chance.choice(FRACTIONS) if chance.random() < 0.3 else 0 for _ in range(size)], np.int64)
    whole, fraction = whole.reshape(lines, width), fraction.reshape(lines, width)
    big = {}
    for place in chance.sample(range(size), min(size, chance.choice([0, 0, 1, 3]))):
        line, column = divmod(place, width)
        big[line, column] = chance.choice(BIG)
        whole[line, column] = fraction[line, column] = 0
    known = np.array([chance.choice([0, 0, 1, 9]) for _ in range(lines * len(SUMS))], np.int64)
    keys = tuple(Key(BY_BUILD, "20131101", (f"{line:02}",)) for line in range(lines))
    table = Table("M", shape, keys, whole, known.reshape(lines, len(SUMS)), big, (), fraction, np.arange(width))
    ids = np.array([chance.choice([0, 5, 12, 1 << 40]) for _ in range(lines)], np.int64)
    return table, ids if chance.random() < 0.7 else None
