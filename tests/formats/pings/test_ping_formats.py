"""Ping formats are chosen by name; docs/ping-formats.md shows how to write one, and its test is in ``tests/docs``."""

from collections.abc import Sequence

import pytest

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.formats.pings.saved_session.format import SavedSession

SAVED_SESSION = "telemetry_tasks.formats.pings.saved_session.format:SavedSession"


@pytest.mark.parametrize("name", ["saved-session", SAVED_SESSION])
def test_a_format_is_known_by_its_name_or_by_its_class(name: str) -> None:
    assert isinstance(ping_format(name, ("OS",), "revision"), SavedSession)


@pytest.mark.parametrize("name", ["no-such", "no_such_module:Class", "telemetry_tasks:NoSuchClass", ":Class"])
def test_what_cannot_be_found_is_said_in_one_line(name: str) -> None:
    with pytest.raises(OperatorError, match="ping format"):
        ping_format(name, ("OS",), "revision")


class NoScanner:
    """A class that somebody has begun to write."""

    name, version, dimensions = "begun", 1, ()

    def __init__(self, dimensions: Sequence[str], fallback_revision: str) -> None: ...


class Numbered(SavedSession):
    """A format whose version is a text."""

    version = "1"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("name", "what"),
    [("NoScanner", "lacks key_pattern, key, scanner"), ("Numbered", "not a whole number")],
)
def test_a_class_that_is_not_a_whole_format_is_refused(name: str, what: str) -> None:
    with pytest.raises(OperatorError, match=what):
        ping_format(f"{__name__}:{name}", ("OS",), "revision")
