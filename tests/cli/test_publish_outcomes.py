"""How ``publish`` ends where not everything could be shown: what it says, and its exit code."""

import re

import pytest

from telemetry_tasks.formats.documents import read_json
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.state.compact import compact
from tests.cli.conftest import its_services
from tests.cli.invoking import run


def harm(name: str) -> None:
    """Changes a block of the state from outside."""
    services = its_services()
    compact(channel_state(services, name))
    (key,) = services.state.client.keys(f"*{{{name}}}:base:pings")
    services.state.client.setrange(key, 20, b"damage")


def test_where_nothing_could_be_written_it_fails_and_says_why(counted: None) -> None:
    harm("nightly/22")
    harm("nightly/28")
    for arguments in ((), ("--json",)):
        ran = run("publish", *arguments)
        assert ran.code == 1
        assert re.search("not published: nightly/22: bad-state.*; nightly/28: bad-state.*verify", ran.error)
        assert "Nothing to publish" not in ran.out


def test_where_a_part_could_not_be_written_that_is_said_too(counted: None) -> None:
    harm("nightly/22")
    ran = run("publish")
    assert ran.code == 3
    assert "Not published: nightly/22: bad-state" in ran.out
    ran = run("publish", "--json")
    assert ran.code == 1  # the other one is shown already
    services = its_services()
    assert read_json(services.published.get(LATEST).body)["versions"] == ["nightly/28"]


def test_a_document_names_what_could_not_be_written(counted: None) -> None:
    harm("nightly/22")
    ran = run("publish", "--json")
    assert (ran.code, ran.document["outcome"], [*ran.document["failed"]]) == (3, "published", ["nightly/22"])


def test_a_snapshot_that_took_too_long_is_not_called_nothing(counted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_GRACE_TIME", "0.000001")
    ran = run("publish")
    assert ran.code == 4
    assert "TELEMETRY_GRACE_TIME" in ran.error
    assert "Nothing to publish" not in ran.out
