"""Which services `up` embeds, and what the others are told."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.embedded.data_folder import DataFolder
from telemetry_tasks.embedded.planning import UpOptions, make_plan
from telemetry_tasks.embedded.ports import Ports
from telemetry_tasks.embedded.stages import Plan, change_log, stages
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import load_settings

PORTS = Ports.from_base(18080)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEMETRY_REDIS_URL", "TELEMETRY_BROKER_URL", "TELEMETRY_INPUT_URL", "TELEMETRY_S3_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


def plan(folder: Path, **options: Any) -> tuple[Plan, dict[str, str]]:
    return make_plan(UpOptions(**options), load_settings(), DataFolder(folder), PORTS)


def names(plan: Plan) -> list[list[str]]:
    return [[child.name for child in stage.children] for stage in stages(plan, lambda: False)]


def test_everything_is_embedded_unless_something_else_is_named(tmp_path: Path) -> None:
    made, shared = plan(tmp_path, workers=2)
    assert names(made) == [
        ["redis-broker", "redis-state", "s3"],
        ["worker-1", "worker-2"],
        ["beat", "flower", "page", "metrics", "simulate"],
    ]
    assert shared["TELEMETRY_REDIS_URL"] == "redis://127.0.0.1:18083/0"
    assert shared["TELEMETRY_S3_ENDPOINT_URL"] == "http://127.0.0.1:18084"
    (definitions,) = json.loads(shared["TELEMETRY_DEFINITIONS"])
    assert Path(definitions).is_dir()


def test_the_fronts_can_be_left_out(tmp_path: Path) -> None:
    made, _ = plan(tmp_path, flower=False, page=False, simulate=False)
    assert names(made)[-1] == ["beat", "metrics"]


def test_a_named_redis_is_used_instead(tmp_path: Path) -> None:
    made, shared = plan(tmp_path, redis="redis://elsewhere:6379/3")
    assert names(made)[0] == ["s3"]
    assert shared["TELEMETRY_REDIS_URL"] == shared["TELEMETRY_BROKER_URL"] == "redis://elsewhere:6379/3"
    assert made.broker_url == "redis://elsewhere:6379/3"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"redis": "http://elsewhere:6379"}, "redis://host:port"),
        ({"s3": "elsewhere:9000"}, "is not an S3 endpoint"),
        ({"page_folder": Path("no-such-folder")}, "has no index.html"),
    ],
)
def test_an_option_that_can_come_to_nothing_is_refused(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=said):
        plan(tmp_path, **options)


def test_a_page_that_is_not_built_is_refused_with_the_command_that_builds_it(tmp_path: Path) -> None:
    page = tmp_path / "a page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html>")
    with pytest.raises(OperatorError, match=r"not built: .*\(cd '.*/a page' && npm ci && npm run build\)"):
        plan(tmp_path, page_folder=page)
    (page / "vendor").mkdir()
    (page / "vendor" / "page.js").touch()
    assert plan(tmp_path, page_folder=page)[0].page == page


def test_a_redis_of_the_environment_is_used_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_BROKER_URL", "redis://elsewhere:6379/0")
    made, shared = plan(tmp_path)
    assert not made.redis
    assert "TELEMETRY_BROKER_URL" not in shared
    assert made.broker_url == "redis://elsewhere:6379/0"


@pytest.mark.parametrize("variable", ["TELEMETRY_INPUT_URL", "TELEMETRY_S3_ENDPOINT_URL"])
def test_simulated_pings_never_go_into_a_bucket_that_is_not_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "s3://real" if variable.endswith("INPUT_URL") else "https://s3.example.com")
    made, shared = plan(tmp_path)
    assert not made.s3
    assert not made.simulate
    assert "AWS_ACCESS_KEY_ID" not in shared
    assert "simulate" not in names(made)[-1]


def test_a_named_s3_gets_no_simulated_pings(tmp_path: Path) -> None:
    made, shared = plan(tmp_path, s3="https://s3.example.com")
    assert not made.simulate
    assert shared["TELEMETRY_S3_ENDPOINT_URL"] == "https://s3.example.com"


def test_the_environment_of_an_earlier_run_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, shared = plan(tmp_path)
    for name, value in shared.items():
        monkeypatch.setenv(name, value)
    made, _ = plan(tmp_path)
    assert (made.redis, made.s3, made.simulate) == (True, True, True)


def test_an_interval_of_the_environment_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_PUBLISH_INTERVAL", "60")
    _, shared = plan(tmp_path)
    assert "TELEMETRY_PUBLISH_INTERVAL" not in shared
    assert "TELEMETRY_MERGE_INTERVAL" in shared


def test_a_login_of_the_shell_does_not_reach_the_embedded_s3(tmp_path: Path) -> None:
    made, _ = plan(tmp_path)
    assert made.environment["AWS_SESSION_TOKEN"] is None


def test_no_secret_is_on_a_command_line(tmp_path: Path) -> None:
    made, _ = plan(tmp_path)
    words = " ".join(word for stage in stages(made, lambda: False) for spec in stage.children for word in spec.command)
    for secret in (made.secrets.secret_key, made.secrets.flower_password):
        assert secret not in words
    assert socket.gethostname() not in words


def test_what_is_kept_for_a_day_in_a_fleet_is_kept_for_less_than_an_hour(tmp_path: Path) -> None:
    """It publishes every minute: a day of replaced snapshots fills the disk."""
    made, shared = plan(tmp_path)
    assert float(shared["TELEMETRY_GRACE_TIME"]) + float(shared["TELEMETRY_GARBAGE_INTERVAL"]) < 3600
    commands = {child.name: child.command for stage in stages(made, lambda: False) for child in stage.children}
    assert any(part.startswith("-master.vacuumIntervalSeconds") for part in commands["s3"])
    assert "--max-tasks=2000" in commands["flower"]


def test_the_log_of_changes_of_a_store_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    made, _ = plan(tmp_path, s3="http://elsewhere:9000")
    assert change_log(made, print) is None
    made, _ = plan(tmp_path)
    assert change_log(made, print) is not None
