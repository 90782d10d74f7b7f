"""Ping formats are chosen by name; docs/ping-formats.md shows how to write one, and its test is in ``tests/docs``."""

import pytest

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings import ping_format
from telemetry_tasks.formats.pings.saved_session import SavedSession

SAVED_SESSION = "telemetry_tasks.formats.pings.saved_session:SavedSession"


@pytest.mark.parametrize("name", ["saved-session", SAVED_SESSION])
def test_a_format_is_known_by_its_name_or_by_its_class(name: str) -> None:
    assert isinstance(ping_format(name, ("OS",), "revision"), SavedSession)


@pytest.mark.parametrize("name", ["no-such", "no_such_module:Class", "telemetry_tasks:NoSuchClass", ":Class"])
def test_what_cannot_be_found_is_said_in_one_line(name: str) -> None:
    with pytest.raises(OperatorError, match="ping format"):
        ping_format(name, ("OS",), "revision")
