"""Sorting numbers of a known range: numpy sorts 16 bits by counting, in a fraction of the time of 64."""

import numpy as np


def stable_order(numbers: np.ndarray, below: int) -> np.ndarray:
    """Indices (int64) that sort ``numbers``, all of them in [0, ``below``); the sort is stable."""
    narrow = numbers.astype(np.uint16, copy=False) if below <= 1 << 16 else numbers
    return np.argsort(narrow, kind="stable")
