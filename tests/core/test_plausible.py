"""What one client may decide: nothing. The rule, its edges, and what it must never hide."""

from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.plausible import USUAL, Plausibility, is_plausible

FEBRUARY = {f"201402{day:02}": 40 for day in range(1, 29)}


def test_two_versions_that_one_client_each_has_are_outside() -> None:
    found = USUAL.of_versions({"nightly/28": 40, "nightly/1024": 1, "nightly/99999999999999999999": 1})
    assert found == {"nightly": {"first": "28", "last": "28", "number": 2, "pings": 2}}
    assert [is_plausible(name, found) for name in ("nightly/28", "nightly/29", "nightly/1024", "beta/1024")] == [
        *(True, False, False, True),
    ]


def test_a_new_version_on_its_first_day_is_shown() -> None:
    assert USUAL.of_versions({"nightly/28": 1_000_000, "nightly/29": 1}) == {}


def test_a_jump_of_the_numbering_is_shown_as_soon_as_more_than_a_few_have_it() -> None:
    assert USUAL.of_versions({"release/28": 90, "release/128": 9})["release"]["number"] == 1
    assert USUAL.of_versions({"release/28": 91, "release/128": 10}) == {}
    assert USUAL.of_versions({"release/28": 100_000, "release/128": 101}) == {}, "a thousandth is enough"
    assert USUAL.of_versions({"release/28": 100_000, "release/128": 100})["release"]["pings"] == 100


def test_where_there_is_hardly_anything_all_of_it_is_shown() -> None:
    assert USUAL.of_versions({"nightly/28": 1, "nightly/1024": 1}) == {}
    assert USUAL.of_versions({}) == {}
    assert USUAL.of_versions({"nightly/x": 5, "nightly/1024": 0}) == {}


def test_old_versions_are_history() -> None:
    assert USUAL.of_versions({"release/3": 1, "release/128": 1_000_000}) == {}


def test_channels_are_told_apart() -> None:
    assert USUAL.of_versions({"nightly/128": 1, "release/28": 1_000_000}) == {}


def test_the_usual_version_is_the_newest_plausible_nightly() -> None:
    assert USUAL.usual({"nightly/28": 40, "nightly/29": 1, "nightly/1024": 1, "release/99": 10**6}) == "nightly/29"


def test_a_channel_that_hardly_anybody_has_is_not_the_usual_one() -> None:
    assert USUAL.usual({"nightly/1": 1, "stable/9": 500, "stable/10": 400, "zzz/7": 1}) == "stable/10"
    assert USUAL.usual({"a-b/1": 50}) is None, "readers show no such names"
    assert USUAL.usual({}) is None


def test_builds_of_1970_and_2099_are_outside() -> None:
    found = USUAL.of_days({**FEBRUARY, "19700101": 1, "20991231": 1}, FEBRUARY)
    assert found == {"by-build-date": {"first": "20140201", "last": "20140228", "number": 2, "pings": 2}}


def test_a_build_that_is_newer_than_all_submissions_is_outside_however_near() -> None:
    assert USUAL.of_days({**FEBRUARY, "20140302": 1}, FEBRUARY) == {}, "two days are a time zone"
    found = USUAL.of_days({**FEBRUARY, "20140303": 1}, FEBRUARY)
    assert (found["by-build-date"]["last"], found["by-build-date"]["number"]) == ("20140228", 1)


def test_many_builds_that_are_newer_than_all_submissions_are_shown() -> None:
    assert USUAL.of_days({"20140301": 5, "20140401": 5}, {"20140201": 10}) == {}


def test_a_submission_of_2099_is_outside_and_does_not_make_its_build_plausible() -> None:
    found = USUAL.of_days({**FEBRUARY, "20991231": 1}, {**FEBRUARY, "20991231": 1})
    assert {by: outside["last"] for by, outside in found.items()} == {
        "by-build-date": "20140228",
        "by-submission-date": "20140228",
    }


def test_days_without_a_gap_are_shown_however_few_pings_they_have() -> None:
    assert USUAL.of_days({"20130301": 1, "20140228": 1_000_000}, {"20140228": 1_000_000}) == {}


def test_the_first_years_of_the_calendar_have_four_digits() -> None:
    found = USUAL.of_days({"00010101": 50, "20991231": 1}, {})
    assert found["by-build-date"]["first"] == "00010101"


def test_thresholds_of_nothing_hide_nothing() -> None:
    none = Plausibility(pings=0, share=0.0)
    assert none.of_versions({"nightly/28": 10**9, "nightly/1024": 1}) == {}
    assert none.fingerprint != USUAL.fingerprint


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 10**6), min_size=1))
def test_what_is_outside_is_always_few(numbers: dict[int, int]) -> None:
    pings = {f"nightly/{number}": count for number, count in numbers.items()}
    found = USUAL.of_versions(pings)
    hidden = sum(count for name, count in pings.items() if not is_plausible(name, found))
    assert hidden == found.get("nightly", {"pings": 0})["pings"]
    assert hidden == 0 or USUAL.few(hidden, sum(numbers.values()))
