"""Lines of a table as JSON, directly from the arrays: Python handles columns of fractions, never lists of buckets."""

import json
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import orjson

from telemetry_tasks.core.tables.table import Table

_BETWEEN = b"],["


def row_texts(table: Table, ids: np.ndarray | None) -> list[bytes]:
    """See ``row_texts`` of the package."""
    numbers = table.integers()
    if ids is not None:
        numbers = np.column_stack((numbers, ids))
    if not len(numbers):
        return []
    others = table.others_by_column()
    pieces = []
    for begin, end in _runs(sorted(others), numbers.shape[1]):
        if begin in others:
            pieces.append(_mixed(numbers[:, begin].tolist(), others[begin]))
        else:
            pieces.append(_integers(numbers[:, begin:end]))
    return [b"[" + b",".join(parts) + b"]" for parts in zip(*pieces, strict=True)]


def _runs(single: list[int], width: int) -> list[tuple[int, int]]:
    """The columns from 0 to ``width``, those of ``single`` on their own."""
    cuts = sorted({0, width, *single, *(column + 1 for column in single)})
    return list(pairwise(cuts))


def _integers(numbers: np.ndarray) -> list[bytes]:
    """Each line's numbers, without brackets."""
    return orjson.dumps(np.ascontiguousarray(numbers), option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(_BETWEEN)


def _mixed(column: list[int | float], others: dict[int, int | float]) -> list[bytes]:
    """Each line's number, if some are not 64-bit integers."""
    for line, number in others.items():
        column[line] = number
    return texts_of(column).split(b",")


def texts_of(numbers: np.ndarray | Sequence[int | float]) -> bytes:
    """The numbers with commas between them: float64 in an array, or any finite ones."""
    try:
        return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    except TypeError:  # an integer beyond 64 bits
        return b",".join(json.dumps(number, allow_nan=False).encode() for number in numbers)
