import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.definitions import Definition, enumerated, meaning_of, three_buckets
from telemetry_tasks.core.histograms import array_length, histogram_shape
from telemetry_tasks.core.shapes import PINGS

PAUSE = Definition("exponential", "pause (ms)", 1, 1000, n_buckets=20)
FLAG = three_buckets("flag", "seen")
REASON = enumerated(10, "why")
KNOWN = {"PAUSE": PAUSE, "FLAG": FLAG, "REASON": REASON}


@pytest.mark.parametrize(("definition", "length"), [(PAUSE, 25), (FLAG, 8), (REASON, 16)])
def test_an_array_holds_the_buckets_and_five_sums(definition, length) -> None:
    assert array_length(histogram_shape(definition.buckets)) == length
    assert len(definition.bounds) == definition.buckets


@pytest.mark.parametrize("name", ["PAUSE", "STARTUP_PAUSE"])
def test_a_startup_measure_takes_the_definition_it_was_cloned_from(name) -> None:
    assert meaning_of(name, histogram_shape(20), KNOWN) is PAUSE


def test_a_measure_that_is_really_called_startup_keeps_its_own_definition() -> None:
    own = three_buckets("boolean", "own")
    assert meaning_of("STARTUP_FLAG", histogram_shape(3), {**KNOWN, "STARTUP_FLAG": own}) is own


def test_a_startup_measure_whose_own_definition_does_not_fit_takes_the_other() -> None:
    assert meaning_of("STARTUP_PAUSE", histogram_shape(20), {**KNOWN, "STARTUP_PAUSE": FLAG}) is PAUSE


def test_simple_measurements_need_no_definition_file() -> None:
    definition = meaning_of("SIMPLE_MEASURES_UPTIME", histogram_shape(50), None)
    assert (definition.kind, definition.low, definition.high, definition.n_buckets) == (
        "exponential",
        1,
        30000,
        50,
    )
    assert definition.description == "Histogram aggregation for simple measure: UPTIME"
    assert not definition.unknown


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (None, "No definitions were found"),
        ({}, "does not define"),
        ({"NEW": PAUSE}, "gives 20 buckets, the data have 7"),
    ],
)
def test_what_is_unknown_or_does_not_fit_is_enumerated_and_says_why(known, says) -> None:
    definition = meaning_of("NEW", histogram_shape(7), known)
    assert definition.kind == "enumerated"
    assert definition.n_values == 6
    assert definition.unknown
    assert says in definition.description


def test_a_misfit_still_says_what_was_measured() -> None:
    assert "pause (ms)" in meaning_of("PAUSE", histogram_shape(7), KNOWN).description


@given(st.sampled_from(["PAUSE", "STARTUP_FLAG", "SIMPLE_MEASURES_X", "OTHER"]), st.integers(6, 400))
def test_whatever_is_published_fits_the_data(measure, length) -> None:
    assert meaning_of(measure, histogram_shape(length - 5), KNOWN).buckets == length - 5


def test_no_definition_explains_columns_without_an_index_axis() -> None:
    with pytest.raises(ValueError, match="of kind none"):
        meaning_of("PAUSE", PINGS.shape, KNOWN)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "count", "low": 1, "high": 2, "n_buckets": 3},
        {"kind": "boolean", "low": 1, "high": 2, "n_buckets": 4},
        {"kind": "linear", "low": 1, "high": 5, "n_buckets": 60},
        {"kind": "linear", "low": 1, "high": 5, "n_values": 3},
        {"kind": "enumerated", "low": 1, "high": 3, "n_buckets": 4},
        {"kind": "enumerated", "low": 1, "high": 3},
        {"kind": "enumerated", "low": 1, "high": 3, "n_values": 10**9},
        {"kind": "exponential", "low": 5, "high": 5, "n_buckets": 3},
    ],
)
def test_a_definition_that_makes_no_sense_cannot_exist(fields) -> None:
    with pytest.raises(ValueError):
        Definition(description="", **fields)
