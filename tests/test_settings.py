"""Settings: one reader, every variable documented, wrong ones said in one line."""

import os
from dataclasses import astuple
from pathlib import Path

import pytest

from telemetry_tasks.bootstrap import options, services
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.settings import SECRETS, Settings, load_settings


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


@pytest.mark.parametrize("odd", [{"soft_time_limit": 600.0}, {"time_limit": 480.0}])
def test_time_limits_out_of_order_are_refused(odd: dict[str, float]) -> None:
    with pytest.raises(OperatorError, match=r"SOFT_TIME_LIMIT < TELEMETRY_TIME_LIMIT"):
        load_settings(**odd)


def test_passwords_are_not_shown() -> None:
    found = load_settings(redis_url="redis://:swordfish@host/1", broker_url="redis://:swordfish@host/0")
    assert "swordfish" not in repr(found)
    assert "swordfish" not in str(found.model_dump())


def test_a_secret_is_read_from_the_file_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number, name in enumerate(sorted(SECRETS)):
        file = tmp_path / name
        file.write_text(f"redis://:swordfish@host/{number}\n")
        monkeypatch.setenv(f"TELEMETRY_{name.upper()}_FILE", str(file))
    found = load_settings()
    for number, name in enumerate(sorted(SECRETS)):
        assert getattr(found, name).get_secret_value() == f"redis://:swordfish@host/{number}"
    assert "swordfish" not in repr(found)


def test_every_setting_that_is_hidden_may_be_in_a_file() -> None:
    assert set(SECRETS) == {"redis_url", "broker_url", "result_backend", "flower_login", "flower_oauth_secret"}


def test_a_secret_in_both_places_is_refused_without_telling_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("swordfish")
    monkeypatch.setenv("TELEMETRY_FLOWER_LOGIN", "user:swordfish")
    monkeypatch.setenv("TELEMETRY_FLOWER_LOGIN_FILE", str(tmp_path / "secret"))
    with pytest.raises(OperatorError, match="TELEMETRY_FLOWER_LOGIN and TELEMETRY_FLOWER_LOGIN_FILE") as caught:
        load_settings()
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize(("content", "says"), [(None, "No such file"), (b"\n", "empty"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_of_a_secret_that_cannot_be_read_is_named(
    content: bytes | None, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("TELEMETRY_REDIS_URL_FILE", str(file))
    with pytest.raises(OperatorError, match=f"TELEMETRY_REDIS_URL_FILE.*{says}"):
        load_settings()


def test_a_value_that_is_not_valid_is_not_repeated() -> None:
    with pytest.raises(OperatorError) as caught:
        load_settings(flower_oauth_provider="google", flower_oauth_secret="swordfish")
    assert "swordfish" not in f"{caught.value} {caught.value.__cause__}"


def test_the_defaults_of_the_pipeline_are_those_of_the_settings() -> None:
    assert options(load_settings()) == Options()


def test_a_setting_reaches_the_option_of_its_name() -> None:
    found = options(load_settings(window=7, minimum_submissions=5, implausible_days=3, soft_time_limit=80.0))
    assert (found.window, found.publish_limits.minimum_submissions, found.plausibility.days) == (7, 5, 3)
    assert (found.partition_seconds, found.publish_seconds) == (40.0, 20.0)
    assert options(load_settings(partition_seconds=9.0)).partition_seconds == 9.0


def test_the_default_limits_are_those_of_the_scanners() -> None:
    assert load_settings().limits == Limits()


def test_every_limit_of_a_ping_is_a_setting() -> None:
    values: dict[str, object] = {
        "line_bytes": 1 << 20,
        "array_length": 8,
        "name_length": 9,
        "histograms": 7,
        "file_bytes": 1 << 20,
        "depth": 101,
        "name_alphabet": "A-Z",
        "option_length": 10,
        "earliest_date": "20130101",
        "latest_date": "20141231",
        "build_age": 60,
        "build_ahead": 2,
        "measurements": 6,
        "file_measures": 10,
        "file_columns": 10_000,
        "file_rows": 100,
        "expansion": 10,
        "small_file_bytes": 1 << 20,
    }
    found = load_settings(**{f"limit_{name}": value for name, value in values.items()}).limits
    assert astuple(found) == tuple(values.values())
    assert {f"limit_{name}" for name in values} == {n for n in Settings.model_fields if n.startswith("limit_")}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LIMIT_EARLIEST_DATE", "2013-01-01", "not a date"),
        ("LIMIT_LATEST_DATE", "20130231", "day is out of range"),
        ("LIMIT_NAME_ALPHABET", "A-Z/", "characters and ranges"),
        ("LIMIT_BUILD_AGE", "-1", "greater than or equal"),
        ("LIMIT_OPTION_LENGTH", "501", "less than or equal"),
    ],
)
def test_a_limit_that_makes_no_sense_is_named(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TELEMETRY_{name}", value)
    with pytest.raises(OperatorError, match=f"TELEMETRY_{name}: .*{says}"):
        load_settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().window = 3  # type: ignore[misc]


def test_lists_of_options_are_an_object_or_a_file_that_holds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text, pairs = '{"arch": ["x86"], "OS": ["WINNT", "Lin*"]}', (("OS", ("WINNT", "Lin*")), ("arch", ("x86",)))
    file = tmp_path / "options.json"
    file.write_text(text)
    for value in (text, f"@{file}"):
        monkeypatch.setenv("TELEMETRY_ALLOWED_OPTIONS", value)
        settings = load_settings()
        assert options(settings).publish_limits.allowed_options == pairs
        assert services(settings).options.publish_limits.allowed_options == pairs


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ('["WINNT"]', "must be an object of lists"),
        ('{"OS": "WINNT"}', "'OS' must have a list"),
        ('{"OS": []}', "leave it out if all are allowed"),
        ('{"OS": [7]}', "valid string"),
        ("{", "must be JSON"),
        ("@/nowhere.json", "cannot be read"),
    ],
)
def test_lists_of_options_that_cannot_be_read_are_named(value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_ALLOWED_OPTIONS", value)
    with pytest.raises(OperatorError, match=f"TELEMETRY_ALLOWED_OPTIONS.*{says}"):
        load_settings()


def test_a_list_of_a_dimension_that_there_is_not_is_refused_and_the_others_are_named() -> None:
    with pytest.raises(OperatorError, match=r"'os' is not a dimension; there are reason, appName, OS, osVersion, arch"):
        services(load_settings(allowed_options={"os": ["WINNT"]}))
