"""Settings: one reader, every variable documented, wrong ones said in one line."""

import os
from pathlib import Path

import pytest

from telemetry_tasks.bootstrap import options
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TELEMETRY_")]:
        monkeypatch.delenv(name)


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description[0].isupper(), name
        assert field.description.endswith("."), name


def test_each_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_WINDOW", "7")
    monkeypatch.setenv("TELEMETRY_DEFINITIONS", '["/somewhere", "s3://bucket/definitions"]')
    monkeypatch.setenv("TELEMETRY_DATA_DIR", "/elsewhere")
    found = load_settings()
    assert (found.window, found.definitions) == (7, ("/somewhere", "s3://bucket/definitions"))
    assert found.data_dir == Path("/elsewhere")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WINDOW", "0"),
        ("WINDOW", "many"),
        ("S3_ADDRESSING_STYLE", "odd"),
        ("LOG_FORMAT", "xml"),
        ("PARTITION_AGE", "-1"),
        ("FLOWER_PORT", "70000"),
        ("DEFINITIONS", "not json"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(f"TELEMETRY_{variable}", value)
    with pytest.raises(OperatorError, match=f"TELEMETRY_{variable}") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"soft_time_limit": 600.0},
        {"time_limit": 900.0},
        {"visibility_timeout": 1300},
        {"lease": 800.0},
    ],
)
def test_time_limits_out_of_order_are_refused(odd: dict[str, float]) -> None:
    with pytest.raises(OperatorError, match=r"SOFT_TIME_LIMIT < .*TIME_LIMIT < .*VISIBILITY_TIMEOUT <= .*LEASE"):
        load_settings(**odd)


def test_passwords_are_not_shown() -> None:
    found = load_settings(redis_url="redis://:swordfish@host/1", broker_url="redis://:swordfish@host/0")
    assert "swordfish" not in repr(found)
    assert "swordfish" not in str(found.model_dump())


def test_the_defaults_of_the_pipeline_are_those_of_the_settings() -> None:
    assert options(load_settings()) == Options()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().window = 3  # type: ignore[misc]
