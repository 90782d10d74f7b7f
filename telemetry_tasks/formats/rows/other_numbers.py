"""The numbers of a table that are not 64-bit integers, as JSON."""

import json
from collections.abc import Sequence

import numpy as np
import orjson


def texts_of(numbers: np.ndarray | Sequence[int | float]) -> bytes:
    """The numbers with commas between them: float64 in an array, or any finite ones."""
    try:
        return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    except TypeError:  # an integer beyond 64 bits
        return b",".join(json.dumps(number, allow_nan=False).encode() for number in numbers)
