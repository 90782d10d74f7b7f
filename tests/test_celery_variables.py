"""Variables that Celery would follow instead of the settings are refused, all that its sources read."""

import re
from pathlib import Path

import celery
import pytest

from telemetry_tasks.cli.checks.celery import check_environment
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import celery_variables, refuse_celery_variables

SECRET = "redis://:not-to-be-shown@elsewhere/0"
SET_BY_CELERY = {"CELERY_LOG_LEVEL", "CELERY_LOG_FILE", "CELERY_LOG_REDIRECT", "CELERY_LOG_REDIRECT_LEVEL"}
HARMLESS = {"APP", "NO_COLOR", "SKIP_CHECKS", "CELERY_RDB_PORT"}
"""``-A`` is always given; colours; a check of Django's; a debugger that nothing of ours starts."""


def read_by_celery() -> set[str]:
    """Names of variables in Celery's sources: ``CELERY_…``, and those of its command's options."""
    sources = [path.read_text("utf-8") for path in Path(celery.__file__).parent.rglob("*.py")]
    found = {name for text in sources for name in re.findall(r"environ(?:\.get\(|\[)\s*'(CELERY_\w+)'", text)}
    return found | {name for text in sources for name in re.findall(r"envvar='(\w+)'", text)}


def test_every_variable_that_celery_reads_is_refused() -> None:
    names = read_by_celery()
    assert {"CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "BROKER_URL"} <= names
    environment = dict.fromkeys(names, "x")
    assert set(celery_variables(environment)) == names - SET_BY_CELERY - HARMLESS


@pytest.mark.parametrize("name", ["CELERY_WORKER_PURGE", "CELERY_WORKER_AUTOSCALE", "CELERY_BEAT_MAX_INTERVAL"])
def test_options_of_commands_are_refused(name: str) -> None:
    assert celery_variables({name: "1"}) == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("CELERY_SERVICE_HOST", "CELERY_PORT", "CELERY_PORT_5555_TCP", "CELERY_PORT_5555_TCP_ADDR"),
        *("CELERY_WORKER_SERVICE_PORT_HTTP", "CELERY_WORKER_PORT", "C_FORCE_ROOT", "TELEMETRY_BROKER_URL"),
    ],
)
def test_what_kubernetes_sets_for_a_service_named_celery_is_harmless(name: str) -> None:
    assert celery_variables({name: "tcp://10.96.0.12:5555"}) == []


def test_the_error_names_variable_and_setting_and_no_value() -> None:
    with pytest.raises(OperatorError) as caught:
        refuse_celery_variables({"CELERY_BROKER_URL": SECRET, "CELERY_LOADER": "x", "CELERY_RESULT_BACKEND": ""})
    said = str(caught.value)
    assert "unset CELERY_BROKER_URL and set TELEMETRY_BROKER_URL; unset CELERY_LOADER" in said
    assert "not-to-be-shown" not in said
    assert "CELERY_RESULT_BACKEND" not in said


def test_doctor_says_of_each_what_to_do() -> None:
    checks = [*check_environment({"CELERY_BROKER_URL": SECRET, "FLOWER_BASIC_AUTH": "a:b", "FLOWER_PORT": "tcp://x"})]
    assert [check.outcome for check in checks] == ["wrong", "wrong"]
    assert checks[0].remedy == "unset it and set TELEMETRY_BROKER_URL"
    assert "TELEMETRY_FLOWER_LOGIN" in checks[1].remedy
    assert "not-to-be-shown" not in str(checks)
