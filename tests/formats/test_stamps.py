"""Stamps."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from telemetry_tasks.formats.stamps import is_stamp, parse_stamp, stamp

MOMENT = datetime(2013, 12, 1, 23, 5, 9, tzinfo=UTC)


def test_a_stamp_is_the_moment_in_utc() -> None:
    assert stamp(MOMENT) == stamp(MOMENT.astimezone(timezone(timedelta(hours=9)))) == "20131201230509"
    assert parse_stamp("20131201230509") == MOMENT


@pytest.mark.parametrize("text", ["", "2013", "20131301120000", "2013120112000x", " 20131201120000"])
def test_what_is_no_stamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"match|unconverted"):
        parse_stamp(text)


@pytest.mark.parametrize(
    ("text", "is_one"), [("20131201230509", True), ("2013120123050", False), ("2013120123050x", False)]
)
def test_a_stamp_is_told_by_its_form(text: str, is_one: bool) -> None:
    assert is_stamp(text) is is_one
