"""Who may show the page in a frame, and which settings say so."""

import pytest

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.page_server.policy import page_headers
from telemetry_tasks.settings import load_settings

NAME = "TELEMETRY_PAGE_FRAME_ANCESTORS"


@pytest.mark.parametrize(
    ("ancestors", "old"),
    [
        ("'none'", "DENY"),
        ("'self'", "SAMEORIGIN"),
        ("https://wiki.example.com", None),
        ("'self' https://a.example", None),
    ],
)
def test_old_browsers_are_told_the_same_where_they_can_be(ancestors: str, old: str | None) -> None:
    headers = page_headers(frame_ancestors=ancestors)
    assert headers["Content-Security-Policy"].endswith(f"; frame-ancestors {ancestors}")
    assert headers.get("X-Frame-Options") == old


def test_further_origins_of_data_are_added_to_the_own() -> None:
    assert (
        "connect-src 'self' https://data.example;" in page_headers(("https://data.example",))["Content-Security-Policy"]
    )


VALID = [
    "'none'",
    "'self'",
    "https://a.example:8443",
    "http://*.example.com",
    "'self' https://a.example https://b.example",
]


@pytest.mark.parametrize("value", VALID)
def test_origins_are_a_setting(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, value)
    assert load_settings().page_frame_ancestors == value


INVALID = [
    "",
    "*",
    "none",
    "self",
    "'none' 'self'",
    "a.example",
    "'self'; script-src *",
    "'self',x",
    "https://a\r\nX: y",
    "'self'\n",
]


@pytest.mark.parametrize("value", INVALID)
def test_nothing_else_gets_into_the_policy(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(OperatorError, match=NAME):
        load_settings()
