"""Limits of pings: plausible dates, alphabets of names, and marks that keep results of different ones apart."""

import pytest

from telemetry_tasks.core.limits import NAME_ALPHABET, Limits, characters
from telemetry_tasks.core.ping import name_fault

POPULATION = ("saved_session", "Firefox", "WINNT")


def fault(limits: Limits, build: str, submission: str) -> str | None:
    return limits.row_fault(build, submission, POPULATION)


def test_without_limits_every_date_is_plausible() -> None:
    assert not Limits().checks_rows
    for build, submission in (("19700101", "20991231"), ("20991231", "19700101")):
        assert fault(Limits(), build, submission) is None


@pytest.mark.parametrize(
    ("submission", "expected"),
    [
        ("20131031", "submission-date-too-early"),
        ("20131101", None),
        ("20131130", None),
        ("20131201", "submission-date-too-late"),
    ],
)
def test_submissions_count_from_the_first_date_to_the_last(submission: str, expected: str | None) -> None:
    limits = Limits(earliest_date="20131101", latest_date="20131130")
    assert limits.checks_rows
    assert fault(limits, "20131001", submission) == expected


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("20131021", "build-date-too-old"),
        ("20131022", None),
        ("20131101", None),
        ("20131103", None),
        ("20131104", "build-date-too-new"),
    ],
)
def test_a_build_may_be_so_many_days_older_and_newer_than_the_submission(build: str, expected: str | None) -> None:
    assert fault(Limits(build_age=10, build_ahead=2), build, "20131101") == expected


def test_each_side_of_the_window_of_builds_may_be_open_and_zero_is_a_limit() -> None:
    assert fault(Limits(build_age=0), "20991231", "20131101") is None
    assert fault(Limits(build_age=0), "20131031", "20131101") == "build-date-too-old"
    assert fault(Limits(build_ahead=0), "19991231", "20131101") is None
    assert fault(Limits(build_ahead=0), "20131102", "20131101") == "build-date-too-new"


def test_an_option_beyond_the_limit_is_too_long() -> None:
    limits = Limits(option_length=7)
    assert limits.row_fault("20131101", "20131101", ("Firefox", "x" * 7)) is None
    assert limits.row_fault("20131101", "20131101", ("Firefox", "x" * 8)) == "dimension-too-long"


@pytest.mark.parametrize(("alphabet", "name", "good"), [
    ("A-Z0-9_", "GC_MS2", True),
    ("A-Z0-9_", "GC_ms", False),
    (NAME_ALPHABET, "a.b-C_1", True),
    (NAME_ALPHABET, "a b", False),
    ("A-Z-", "A-B", True),
    ("A-Z", "A\n", False),
])  # fmt: skip
def test_a_name_has_only_characters_of_the_alphabet(alphabet: str, name: str, good: bool) -> None:
    assert name_fault(name, Limits(name_alphabet=alphabet)) == (None if good else "name-not-allowed")


def test_an_alphabet_is_read_as_characters_and_ranges() -> None:
    assert characters("a-cX_.-") == frozenset("abcX_.-")
    assert len(characters(NAME_ALPHABET)) == 26 + 26 + 10 + 3


@pytest.mark.parametrize("alphabet", ["", "A-Z/", "A-z", "]", "^A", "\\w", "Z-A", "é", ".-9"])
def test_an_alphabet_with_anything_that_urls_cannot_bear_is_refused(alphabet: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        characters(alphabet)
