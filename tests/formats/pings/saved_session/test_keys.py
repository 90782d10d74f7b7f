"""Keys of ping files."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.saved_session.keys import parse_key

KEY = "saved_session/Firefox/nightly/28.0a1/20131029030201.20131101.v2.log.0ab8.lzma"


def test_a_key_says_whose_pings_a_file_holds() -> None:
    key = parse_key(KEY)
    assert (key.reason, key.application) == ("saved_session", "Firefox")
    assert (key.build_id, key.build_date) == ("20131029030201", "20131029")
    assert key.day == key.submission_date == "20131101"
    assert key.channel_version == "nightly/28"


@pytest.mark.parametrize(("version", "major"), [("28", "28"), ("28.0.1", "28"), ("3.11a", "3")])
def test_the_major_version_is_what_stands_before_the_first_dot(version: str, major: str) -> None:
    assert parse_key(KEY.replace("28.0a1", version)).channel_version == f"nightly/{major}"


@pytest.mark.parametrize(("sent", "late"), [("20131228", False), ("20131229", True), ("20131001", False)])
def test_after_sixty_days_a_ping_is_late(sent: str, late: bool) -> None:
    key = parse_key(KEY.replace("20131101", sent))
    assert key.day == sent
    assert (key.submission_date == "") is late


def test_a_build_id_may_be_a_date_alone_and_the_rest_of_the_name_is_free() -> None:
    key = parse_key("r/a/c/1/20131029.20131101")
    assert key.build_id == key.build_date == "20131029"
    assert parse_key("r/a/c/1/20131029.20131101.x/y/z.gz").day == "20131101"


@pytest.mark.parametrize(
    "key",
    [
        *("", "a/b/c/d", "readme.txt", "/Firefox/nightly/28/20131029.20131101", "r//nightly/28/20131029.20131101"),
        *("r/a/c/1/20131029", "r/a/c/1/2013102.20131101", "r/a/c/1/20131029.2013110", "r/a/c/1/20131329.20131101"),
        *("r/a/c/1/20131029.20130230", "r/a/c/1/2013１029.20131101", "r/a/c d/1/20131029.20131101"),
        *("r/a/../1/20131029.20131101", "r/a/c//20131029.20131101", "r/a/c/é/20131029.20131101"),
        *(f"r/a/{'c' * 101}/1/20131029.20131101", f"r/a/c/{'1' * 101}/20131029.20131101"),
    ],
)
def test_what_is_no_key_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(DataError, match="bad-key"):
        parse_key(key)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (f"/{KEY}", "begins with a slash"),
        (f"//{KEY}", "begins with a slash"),
        (KEY.replace("/", "//", 1), "two slashes together: part 2 is empty"),
        (KEY.replace("/nightly/", "/nightly//"), "two slashes together: part 4 is empty"),
    ],
)
def test_an_empty_part_of_a_key_is_named(key: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        parse_key(key)
