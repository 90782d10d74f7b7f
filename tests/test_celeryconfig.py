"""Celery's settings: what must agree does, each says why, and what could run code is not accepted."""

import ast
import importlib
import tokenize
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from celery.app.defaults import NAMESPACES, flatten

from telemetry_tasks import settings as settings_module
from telemetry_tasks.app import app

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "celeryconfig.py"


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module as another environment has it."""
    import celeryconfig

    monkeypatch.setenv("TELEMETRY_VISIBILITY_TIMEOUT", "77")
    monkeypatch.setenv("TELEMETRY_TIME_LIMIT", "66")
    monkeypatch.setenv("TELEMETRY_SOFT_TIME_LIMIT", "55")
    monkeypatch.setenv("TELEMETRY_MERGE_INTERVAL", "0.25")
    monkeypatch.setenv("TELEMETRY_BROKER_URL", "redis://broker/3")
    settings_module.settings.cache_clear()
    yield importlib.reload(celeryconfig)
    monkeypatch.undo()
    settings_module.settings.cache_clear()
    importlib.reload(celeryconfig)


def names(config: ModuleType) -> list[str]:
    return [name for name in vars(config) if not name.startswith("_")]


def test_every_setting_is_one_of_celerys(config: ModuleType) -> None:
    read_and_not_listed = {"visibility_timeout", "redis_backend_health_check_interval"}
    known = {name for name, _ in flatten(NAMESPACES)} | read_and_not_listed
    assert set(names(config)) <= known


def test_the_three_visibility_timeouts_are_one(config: ModuleType) -> None:
    assert config.visibility_timeout == 77
    assert config.broker_transport_options["visibility_timeout"] == 77
    assert config.result_backend_transport_options["visibility_timeout"] == 77
    assert config.task_soft_time_limit < config.task_time_limit


def test_only_msgpack_is_accepted(config: ModuleType) -> None:
    assert config.task_serializer == config.result_serializer == "msgpack"
    assert config.accept_content == config.result_accept_content == ["msgpack"]


def test_work_of_a_lost_worker_comes_back_and_one_task_is_taken_at_a_time(config: ModuleType) -> None:
    assert config.task_acks_late
    assert config.task_reject_on_worker_lost
    assert config.worker_prefetch_multiplier == 1
    assert config.broker_connection_max_retries is None
    assert config.result_backend_always_retry


def test_the_result_backend_is_the_broker_unless_it_is_set(config: ModuleType) -> None:
    assert config.result_backend == config.broker_url == "redis://broker/3"


def test_every_task_has_its_queue_and_there_are_no_others(config: ModuleType) -> None:
    app.loader.import_default_modules()
    own = {name for name in app.tasks if not name.startswith("celery.")}
    assert set(config.task_routes) == own
    assert {route["queue"] for route in config.task_routes.values()} == {"control", "aggregate", "merge", "publish"}


def test_periodic_tasks_exist_and_expire_before_they_pile_up(config: ModuleType) -> None:
    app.loader.import_default_modules()
    for entry in config.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] >= entry["schedule"]
        assert entry["options"]["ignore_result"]
    assert config.beat_schedule["merge_round"]["schedule"] == 0.25
    assert config.beat_max_loop_interval <= 0.25


def test_every_setting_says_why_beside_it() -> None:
    """A comment before it or on its line, or before the lines that it stands together with."""
    source = SOURCE.read_text("utf-8")
    lines = source.splitlines()
    with SOURCE.open("rb") as file:
        comments = {token.start[0] for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign):
            continue
        name = ast.unparse(node.targets[0])
        line = node.lineno
        own = set(range(line, (node.end_lineno or line) + 1))
        while line > 1 and lines[line - 2].strip() and line - 1 not in comments:
            line -= 1
        assert own & comments or line - 1 in comments or name in ("_settings", "imports"), name


def test_a_task_whose_child_was_killed_is_done_again_before_its_lease_is_over() -> None:
    """Celery's own delay is three minutes. Where attempts are counted they are not used up within seconds."""
    app.loader.import_default_modules()
    delays = {name: task.default_retry_delay for name, task in app.tasks.items() if not name.startswith("celery.")}
    counted = {name: delays.pop(name) for name in ("aggregate_partition", "reprocess_partition")}
    assert set(counted.values()) == {60}
    assert set(delays.values()) == {1}
