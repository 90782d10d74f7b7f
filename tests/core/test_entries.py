"""The order of numbers is that of numpy's stable sort, whatever their range."""

import numpy as np
import pytest

from telemetry_tasks.core.entries import stable_order


@pytest.mark.parametrize("below", [1, 2, 1 << 16, (1 << 16) + 1, 1 << 40])
def test_equal_numbers_stay_in_their_order(below: int) -> None:
    numbers = np.random.default_rng(7).integers(0, below, 500).repeat(2)
    numbers[::5] = below - 1

    assert stable_order(numbers, below).tolist() == np.argsort(numbers, kind="stable").tolist()


def test_nothing_has_an_order_too() -> None:
    assert stable_order(np.zeros(0, np.int64), 0).tolist() == []
