"""Simple measurements: one number becomes a histogram of fixed buckets."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.fixed import to_fixed
from telemetry_tasks.core.simple import BOUNDS, SHAPE, measure_name, run_of, units_of

ONE = to_fixed(1)
SUM, LOG, LOG_SQUARES, PINGS = 50, 51, 52, 55
"""Columns behind the buckets; 53 and 54 are the sums of squares, which nobody knows."""


def numbers(value: int | float) -> dict[int, int]:
    return dict(units_of(value))


def bucket(value: int | float) -> int | None:
    """The bucket that a value adds one to."""
    (*found,) = (column for column, units in units_of(value) if column < len(BOUNDS) and units == ONE)
    assert len(found) <= 1
    return found[0] if found else None


def test_the_buckets_are_those_of_2013() -> None:
    small = (0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 16, 20, 24, 29, 35, 43, 52, 63, 77, 94, 115, 140, 171, 209, 255, 311)
    middle = (379, 462, 564, 688, 839, 1023, 1248, 1522, 1857, 2265, 2763, 3370, 4111, 5015, 6118, 7463, 9104, 11106)
    assert (*small, *middle, 13548, 16527, 20161, 24593, 30000) == BOUNDS


def test_names_are_upper_case_behind_a_prefix() -> None:
    assert measure_name("uptime") == "SIMPLE_MEASURES_UPTIME"
    assert measure_name("addonManager", "saves") == "SIMPLE_MEASURES_ADDONMANAGER_SAVES"


def test_the_columns_are_those_of_an_array_of_55_numbers_without_sums_of_squares() -> None:
    run = run_of("SIMPLE_MEASURES_UPTIME")
    assert (run.measure, run.key, run.shape) == ("SIMPLE_MEASURES_UPTIME", "", SHAPE)
    assert (SHAPE.axis.size, SHAPE.known, SHAPE.width) == (50, 0b00111, 56)


@pytest.mark.parametrize("index", [0, 1, 7, 8, 48, 49])
def test_a_value_falls_into_the_last_bucket_whose_lower_bound_it_reaches(index: int) -> None:
    bound = BOUNDS[index]
    assert bucket(bound) == index
    assert bucket(bound - 0.5) == (index - 1 if index else None)


@pytest.mark.parametrize("value", [30000, 10**9, 1e300])
def test_the_last_bucket_has_no_end(value: int | float) -> None:
    assert bucket(value) == 49


def test_a_value_adds_its_sums_and_one_ping() -> None:
    found, log = numbers(10), math.log(11)
    assert found == {
        8: ONE,
        SUM: to_fixed(10),
        LOG: to_fixed(log),
        LOG_SQUARES: to_fixed(log * log),
        PINGS: ONE,
    }


def test_zero_adds_to_its_bucket_and_to_the_pings_alone() -> None:
    assert numbers(0) == {0: ONE, PINGS: ONE}


def test_a_negative_value_is_in_no_bucket_and_its_logarithm_is_that_of_its_size() -> None:
    assert bucket(-10) is None
    found, mirrored = numbers(-10), numbers(10)
    assert found[SUM] == -mirrored[SUM]
    assert (found[LOG], found[LOG_SQUARES], found[PINGS]) == (mirrored[LOG], mirrored[LOG_SQUARES], ONE)


@given(st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e12, 1e12)))
def test_every_value_is_one_ping_in_one_bucket_unless_it_is_negative(value: int | float) -> None:
    found = numbers(value)
    assert found[PINGS] == ONE
    assert (bucket(value) is None) == (value < 0)
    assert 53 not in found
    assert 54 not in found
    assert 0 not in found.values()
