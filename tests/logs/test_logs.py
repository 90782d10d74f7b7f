"""Log lines: people's or machines', with the ids of what is worked on, whatever logs."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from telemetry_tasks.logs import configure_logging


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def log_something() -> None:
    with structlog.contextvars.bound_contextvars(channel_version="nightly/28", partition="p1"):
        structlog.get_logger("telemetry_tasks").info("aggregated", outcome="aggregated")
        logging.getLogger("celery.worker").warning("from a library, %s", "old style")


def test_machines_get_one_object_a_line_with_the_ids(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "INFO")
    log_something()
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["outcome"], first["level"]) == ("aggregated", "aggregated", "info")
    assert (second["event"], second["logger"], second["level"]) == (
        "from a library, old style",
        "celery.worker",
        "warning",
    )
    for line in (first, second):
        assert (line["channel_version"], line["partition"]) == ("nightly/28", "p1")
        assert line["timestamp"].endswith("Z")


def test_people_get_a_line_without_colours_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("human", "INFO")
    log_something()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\x1b" not in captured.err
    assert "aggregated" in captured.err.splitlines()[0]
    assert "partition=p1" in captured.err.splitlines()[0]


def test_an_error_is_one_line_for_machines_with_its_traceback_inside(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "INFO")
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("telemetry_tasks").exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_what_is_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("human", "warning")
    log_something()
    assert "aggregated" not in capsys.readouterr().err


def test_libraries_that_log_every_request_are_kept_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("human", "DEBUG")
    logging.getLogger("botocore.endpoint").debug("Authorization: secret")
    assert capsys.readouterr().err == ""


def test_configuring_twice_does_not_double_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("human", "INFO")
    configure_logging("human", "INFO")
    logging.getLogger("x").info("once")
    assert len(capsys.readouterr().err.splitlines()) == 1
