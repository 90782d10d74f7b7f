from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.bounds import enumerated_bounds, exponential_bounds, linear_bounds


@st.composite
def ranges(draw: st.DrawFn) -> tuple[int, int, int]:
    low = draw(st.integers(1, 10**6))
    high = low + draw(st.integers(1, 10**9))
    return low, high, draw(st.integers(3, min(high - low + 2, 300)))


@pytest.mark.parametrize("bounds_of", [linear_bounds, exponential_bounds])
@given(ranges())
def test_bounds_start_at_zero_end_at_high_and_increase_strictly(bounds_of, of) -> None:
    low, high, n_buckets = of
    bounds = bounds_of(low, high, n_buckets)
    assert len(bounds) == n_buckets
    assert bounds[:2] == (0, low)
    assert bounds[-1] == high
    assert all(a < b for a, b in pairwise(bounds))


@given(st.integers(0, 500))
def test_an_enumerated_histogram_has_one_bucket_more_than_values(n_values) -> None:
    assert enumerated_bounds(n_values) == tuple(range(n_values + 1))


def test_the_bounds_of_simple_measurements_are_those_of_the_semantics() -> None:
    assert exponential_bounds(1, 30000, 50)[-8:] == (7463, 9104, 11106, 13548, 16527, 20161, 24593, 30000)


def test_halves_round_up() -> None:
    assert linear_bounds(1, 2, 3) == (0, 1, 2)
    assert linear_bounds(1, 4, 4) == (0, 1, 3, 4)


@pytest.mark.parametrize("of", [(0, 10, 5), (10, 10, 5), (1, 10, 2), (1, 10, 12)])
@pytest.mark.parametrize("bounds_of", [linear_bounds, exponential_bounds])
def test_numbers_that_give_no_increasing_bounds_are_refused(bounds_of, of) -> None:
    with pytest.raises(ValueError, match=r"buckets|low"):
        bounds_of(*of)
