"""No log line shows a secret, whatever logs it and however it is written."""

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from telemetry_tasks.logs import configure_logging
from telemetry_tasks.logs.exceptions import MOST_CHARACTERS, MOST_LINES
from telemetry_tasks.settings import load_settings, secret_values

BROKER, STATE, RESULTS = "Zq7secret\"Pw'é", "p%40ss/w:rd?9", "b@ckend-pw"
LOGIN, KEY = "flowerPw#99", "wJalrXUtnFEMI/K7MDENG+EXAMPLEKEY"
PING = '{"clientID": "c0ffee-of-a-client"}'
SETTINGS = {
    "TELEMETRY_BROKER_URL": f"redis://:{BROKER}@host:1/0",
    "TELEMETRY_REDIS_URL": f"rediss://user:{STATE}@host:1/1",
    "TELEMETRY_RESULT_BACKEND": f"redis://host:1/0?password={RESULTS}",
    "TELEMETRY_FLOWER_LOGIN": f"operator:{LOGIN}",
    "AWS_SECRET_ACCESS_KEY": KEY,
}
SECRETS = (BROKER, STATE, "p@ss/w:rd?9", RESULTS, LOGIN, KEY)


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def told() -> None:
    for secret in SECRETS:
        logging.getLogger("kombu").error("auth with %r failed", ("default", secret))
        logging.getLogger("celery").info(f"Connected to redis://user:{secret}@host/0")
        structlog.get_logger().error("failed", reason=f"refused {secret}", url=f"redis://x:{secret}@h")
        structlog.get_logger().error("failed", auth=["default", secret, secret.encode()])


def raised() -> None:
    for secret in SECRETS:
        args = [secret, PING]
        try:
            raise ValueError(f"cannot use {args[0]}")
        except ValueError:
            logging.getLogger("redis").exception("broken")
            structlog.get_logger().exception("broken")


@pytest.mark.parametrize("form", ["human", "json"])
@pytest.mark.parametrize("logs", [told, raised])
def test_no_line_shows_a_secret(form: str, logs: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(form, "DEBUG", secret_values(load_settings()))
    logs()
    shown = capsys.readouterr().err
    assert "…" in shown.replace("\\u2026", "…")
    assert [secret for secret in (*SECRETS, repr(BROKER)[1:-1], PING) if secret in shown] == []


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_login_in_a_url_is_hidden_though_nobody_said_that_it_is_secret(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(form, "INFO")
    logging.getLogger("x").error("no answer from redis://someone:unknown-password@host/0")
    shown = capsys.readouterr().err
    assert "unknown-password" not in shown
    assert "@host/0" in shown


@pytest.mark.parametrize("form", ["human", "json"])
def test_no_part_of_a_secret_is_left_where_a_text_is_shortened(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(form, "INFO", [KEY])
    for length in range(MOST_CHARACTERS - 40, MOST_CHARACTERS, 5):
        text = f"{'x' * length} redis://:{KEY}@host/0"
        logging.getLogger("celery").error("%s", text)
        try:
            raise ValueError(text)
        except ValueError:
            structlog.get_logger().exception(f"broken {length}")
    assert KEY[:6] not in capsys.readouterr().err


def deep(levels: int) -> None:
    ping = PING
    if not levels:
        raise ValueError("x" * 100_000 + ping[:0])
    deep_too(levels)


def deep_too(levels: int) -> None:
    deep(levels - 1)


@pytest.mark.parametrize("form", ["human", "json"])
def test_an_exception_takes_few_short_lines_and_shows_no_variable(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(form, "INFO")
    try:
        deep(200)
    except ValueError:
        logging.getLogger("x").exception("broken")
    shown = capsys.readouterr().err.replace("\\n", "\n")
    assert len(shown.splitlines()) <= MOST_LINES + 1
    assert len(shown) < 12_000
    assert "c0ffee" not in shown
    assert "ValueError: xxx" in shown


def test_what_nobody_catches_is_a_log_line_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    import sys
    import threading

    before = sys.excepthook, threading.excepthook
    try:
        configure_logging("json", "INFO", secret_values(load_settings()))
        thread = threading.Thread(target=lambda: logging.getLogger("x").error(1 / 0), name="one")
        thread.start()
        thread.join()
        error = ValueError(f"no {KEY}")
        sys.excepthook(ValueError, error, None)
    finally:
        sys.excepthook, threading.excepthook = before
    first, second = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError" in first
    assert "ValueError" in second
    assert KEY not in second
