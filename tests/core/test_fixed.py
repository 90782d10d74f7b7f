"""Numbers as integers of one unit."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemetry_tasks.core.fixed import NORMAL, UNITS, from_units, split, to_fixed

UNIT = Fraction(1, UNITS)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NORMAL_FLOATS = st.floats(-float(NORMAL), float(NORMAL), exclude_min=True, exclude_max=True)


@given(st.integers())
def test_integers_of_any_size_are_exact(number: int) -> None:
    assert to_fixed(number) == number * UNITS
    assert from_units(to_fixed(number)) == number


@given(FINITE)
def test_a_number_is_off_by_half_a_unit_at_most(number: float) -> None:
    assert abs(to_fixed(number) * UNIT - Fraction(number)) <= UNIT / 2


@pytest.mark.parametrize(("halves", "units"), [(1, 0), (3, 2), (5, 2), (7, 4), (-1, 0), (-3, -2)])
def test_halves_go_to_the_even_unit(halves: int, units: int) -> None:
    assert to_fixed(halves * 2.0**-41) == units
    whole, fraction = split(np.array([halves * 2.0**-41]))
    assert int(whole[0]) * UNITS + int(fraction[0]) == units


@given(st.lists(NORMAL_FLOATS, max_size=30))
@example([-(2.0**-41 + 2.0**-60), -1e-20, 1 - 2.0**-53, 0.5 + 2.0**-41, 1e15 + 0.3, -1e15 - 0.3])
def test_arrays_are_rounded_as_single_numbers_are(numbers: list[float]) -> None:
    whole, fraction = split(np.array(numbers, np.float64))
    assert ((fraction >= 0) & (fraction < UNITS)).all()
    assert [w * UNITS + f for w, f in zip(whole.tolist(), fraction.tolist(), strict=True)] == [*map(to_fixed, numbers)]


@given(FINITE.filter(lambda x: abs(x) > 1e-3))
def test_a_float_comes_back_to_within_its_rounding(number: float) -> None:
    assert from_units(to_fixed(number)) == pytest.approx(number, rel=1e-9)


@given(st.integers(-(10**6), 10**6))
def test_whole_numbers_come_back_as_integers(number: int) -> None:
    assert type(from_units(to_fixed(float(number)))) is int


def test_sums_beyond_the_doubles_come_back_as_the_largest() -> None:
    assert from_units((10**400 << 40) + 1) == 1.7976931348623157e308
    assert from_units(-(10**400 << 40) - 1) == -1.7976931348623157e308
