import json
import math
from bisect import bisect_right
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.definitions import Definition, enumerated, meaning_of, three_buckets
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.simulation.sampling import Arrays, of_count, of_counts, of_samples
from tests.shared_data import definition_file, real_pings

EXPONENTIAL = Definition("exponential", "", 1, 10000, n_buckets=50)
LINEAR = Definition("linear", "", 1, 32768, n_buckets=3)


def one_ping(definition: Definition, values: list[int]) -> list[int | float]:
    arrays = of_samples(definition, np.zeros(len(values), np.int64), np.array(values, np.int64), 1)
    row = arrays.rows()[0]
    assert row is not None
    return row


def with_one_sample() -> list[tuple[str, list[Any]]]:
    """Real arrays of Firefox 28 that hold one sample: their sum is its value."""
    known = parse_definitions(definition_file("ad0ae007aa9e")).definitions
    extended = {
        name for name, entry in json.loads(definition_file("ad0ae007aa9e")).items() if "extended_statistics_ok" in entry
    }
    return [
        (name, array)
        for ping in real_pings()
        if ping["info"]["appVersion"] == "28.0a1"
        for name, array in ping["histograms"].items()
        if name in known and sum(array[:-5]) == 1 and (known[name].kind != "exponential" or name in extended)
    ]


def test_arrays_of_one_sample_are_those_of_real_clients_to_the_last_digit() -> None:
    known = parse_definitions(definition_file("ad0ae007aa9e")).definitions
    kinds = set()
    for name, array in with_one_sample():
        definition = meaning_of(name, histogram_shape(len(array) - 5), known)
        assert one_ping(definition, [array[-5]]) == array, name
        kinds.add(definition.kind)
    assert kinds == {"boolean", "flag", "enumerated", "linear", "exponential"}


@given(st.lists(st.lists(st.integers(0, 10**6), max_size=20), min_size=1, max_size=5))
@pytest.mark.parametrize("definition", [EXPONENTIAL, LINEAR])
def test_arrays_say_what_each_pings_samples_say(definition, of_pings) -> None:
    owner = np.repeat(np.arange(len(of_pings)), [len(values) for values in of_pings])
    drawn = np.array([value for values in of_pings for value in values], np.int64)
    rows = of_samples(definition, owner, drawn, len(of_pings)).rows()
    for values, row in zip(of_pings, rows, strict=True):
        if not values:
            assert row is None
            continue
        counts = [0] * definition.buckets
        for value in values:
            counts[bisect_right(definition.bounds, value) - 1] += 1
        assert row is not None
        assert row[:-5] == counts
        total, log_sum, log_sum_squares, low, high = row[-5:]
        assert total == sum(values)
        if definition.kind == "exponential":
            logs = [math.log(value + 1) for value in values]
            assert log_sum == pytest.approx(sum(logs), rel=1e-6)
            assert log_sum_squares == pytest.approx(sum(log * log for log in logs), rel=1e-6)
            assert (low, high) == (-1, -1)
        else:
            assert (log_sum, log_sum_squares) == (-1, -1)
            assert (int(high) << 32) + (int(low) & 0xFFFFFFFF) == sum(value * value for value in values)
            assert -(2**31) <= low < 2**31


def test_the_low_half_of_the_squares_is_signed() -> None:
    assert one_ping(LINEAR, [50000])[-2:] == [50000**2 - 2**32, 0]
    assert one_ping(LINEAR, [100000, 1])[-2:] == [100000**2 + 1 - 2 * 2**32, 2]


def test_values_beyond_high_fall_into_the_last_bucket() -> None:
    assert one_ping(LINEAR, [40000])[:3] == [0, 0, 1]


def test_counted_kinds_have_the_sums_of_their_values() -> None:
    rows = of_counts(np.array([[3, 0, 2], [0, 0, 0]])).rows()
    assert rows == [[3, 0, 2, 4, -1, -1, 8, 0], None]


def test_a_counted_array_is_what_single_samples_give() -> None:
    for definition in (three_buckets("boolean", ""), enumerated(4, "")):
        counted = np.zeros((1, definition.buckets), np.int64)
        counted[0, :2] = (2, 3)
        assert of_counts(counted).rows()[0] == one_ping(definition, [0, 0, 1, 1, 1])


def test_a_count_is_kept_in_its_first_bucket() -> None:
    assert of_count(np.array([7, 0])).rows() == [[7, 0, 0, 7, -1, -1, 7, 0], None]


def test_numbers_become_plain_ones_so_that_they_can_be_written_as_json() -> None:
    arrays = of_samples(EXPONENTIAL, np.array([0]), np.array([5]), 1)
    assert isinstance(arrays, Arrays)
    assert {type(element) for element in arrays.rows()[0] or []} == {int, float}
