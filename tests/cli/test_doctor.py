"""``doctor`` finds what is wrong, says how to fix it, and leaves nothing behind."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from telemetry_tasks.cli.checks import processes
from telemetry_tasks.cli.checks.processes import check_processes
from telemetry_tasks.cli.checks.program import check_variables
from telemetry_tasks.settings import Settings, load_settings
from tests.cli.conftest import READER, READERS_SECRET, SharedWeed, its_services
from tests.cli.invoking import Ran, run
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer


@pytest.fixture(scope="module")
def durable_redis() -> Iterator[RedisServer]:
    with RedisServer({"maxmemory": "50mb"}, durable=True) as server:
        yield server


@pytest.fixture
def healthy(s3_deployed: SharedWeed, durable_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_REDIS_URL", durable_redis.url)
    monkeypatch.setenv("TELEMETRY_BROKER_URL", durable_redis.url_of(1))


def wrong(ran: Ran) -> dict[str, dict[str, Any]]:
    """What is wrong, by subject."""
    assert ran.code == 1
    return {check["subject"]: check for check in ran.document["checks"] if check["outcome"] == "wrong"}


def test_nothing_is_wrong_with_a_sound_deployment(healthy: None) -> None:
    ran = run("doctor", "--json")
    assert ran.code == 0, ran.out
    assert ran.document["healthy"] is True
    told = {check["subject"] for check in ran.document["checks"]}
    assert told >= {"Program", "Kernel", "Rows", "Redis, state", "Redis, broker", "Ping files", "Results", "Published"}
    assert told >= {"Clock of Redis", "Clock of the store", "Definitions", "Ping format"}
    assert any("conditional writes hold" in check["detail"] for check in ran.document["checks"])


def test_a_person_reads_a_line_a_check(healthy: None) -> None:
    ran = run("doctor")
    assert ran.code == 0
    assert "ok     Published: conditional writes hold" in ran.out
    assert "note   Redis: state and broker are on one server" in ran.out
    assert "→ give TELEMETRY_BROKER_URL a server of its own" in ran.out


def test_an_endpoint_that_only_a_variable_of_aws_names_is_named(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = os.environ["TELEMETRY_S3_ENDPOINT_URL"]
    monkeypatch.delenv("TELEMETRY_S3_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    ran = run("doctor", "--json")
    assert ran.code == 0, ran.out
    (note,) = (check for check in ran.document["checks"] if check["subject"] == "Endpoint")
    assert (note["outcome"], endpoint in note["detail"]) == ("note", True)


def test_a_queue_that_requests_would_not_go_to_is_named(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_NOTIFICATIONS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/q")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    (note,) = (c for c in run("doctor", "--json").document["checks"] if c["subject"] == "Queue of notifications")
    assert (note["outcome"], "http://127.0.0.1:1" in note["detail"]) == ("note", True)
    monkeypatch.setenv("TELEMETRY_SQS_ENDPOINT_URL", "https://sqs.us-east-1.amazonaws.com")
    (told,) = (c for c in run("doctor", "--json").document["checks"] if c["subject"] == "Queue of notifications")
    assert told["outcome"] == "ok"


def test_nothing_is_left_behind(healthy: None, durable_redis: RedisServer) -> None:
    run("doctor")
    services = its_services()
    for store in (services.input, services.results, services.published):
        assert [*store.list()] == []
    assert services.state.client.keys("*") == []


def test_a_redis_that_drops_keys_or_forgets_is_found(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with RedisServer({"maxmemory-policy": "allkeys-lru"}, durable=True) as dropping:
        monkeypatch.setenv("TELEMETRY_REDIS_URL", dropping.url)
        assert "set maxmemory-policy noeviction" in wrong(run("doctor", "--json"))["Redis, state"]["detail"]
    with RedisServer() as forgetful:
        monkeypatch.setenv("TELEMETRY_REDIS_URL", forgetful.url)
        assert "set appendonly yes" in wrong(run("doctor", "--json"))["Redis, state"]["detail"]


def test_servers_that_are_away_are_found(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    away = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("TELEMETRY_REDIS_URL", f"redis://{away}")
    monkeypatch.setenv("TELEMETRY_S3_ENDPOINT_URL", f"http://{away}")
    found = wrong(run("doctor", "--json"))
    assert found.keys() >= {"Redis, state", "Ping files", "Results", "Published", "Clock of Redis"}


def test_a_bucket_that_is_not_there_is_found(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_INPUT_URL", "s3://no-such-bucket")
    assert "create it, or correct the URL" in wrong(run("doctor", "--json"))["Ping files"]["detail"]


def test_a_lack_of_permission_is_found(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READERS_SECRET)
    monkeypatch.setenv("TELEMETRY_S3_MAX_CONNECTIONS", "7")  # another client than that of other keys
    found = wrong(run("doctor", "--json"))
    assert found.keys() == {"Results", "Published"}
    assert "check keys and bucket policy" in found["Published"]["detail"]


def test_definitions_that_are_not_there_are_found(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_DEFINITIONS", '["/no/such/folder"]')
    assert "correct TELEMETRY_DEFINITIONS" in wrong(run("doctor", "--json"))["Definitions"]["detail"]


def test_each_definition_file_that_cannot_be_used_is_named(
    healthy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Histograms.json").write_text('{"GOOD": {"kind": "flag"}, "ODD": {"kind": "spline"}}')
    (tmp_path / "0123456789ab.Histograms.json").write_text("{")
    monkeypatch.setenv("TELEMETRY_DEFINITIONS", f'["{tmp_path}"]')
    ran = run("doctor", "--json")
    assert "0123456789ab.Histograms.json cannot be used" in wrong(ran)["Definitions"]["detail"]
    (note,) = [c["detail"] for c in ran.document["checks"] if (c["subject"], c["outcome"]) == ("Definitions", "note")]
    assert "1 definition left out: ODD: kind 'spline' is not known" in note


def test_the_advice_on_definitions_can_be_followed_as_it_is(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEMETRY_DEFINITIONS", raising=False)
    (check,) = [c for c in run("doctor", "--json").document["checks"] if c["subject"] == "Definitions"]
    value = re.search(r"TELEMETRY_DEFINITIONS='(.*)'", check["remedy"])
    assert value is not None
    monkeypatch.setenv("TELEMETRY_DEFINITIONS", value[1])
    assert load_settings().definitions == ("/srv/definitions",)


def test_the_server_is_called_by_its_own_name_and_version(healthy: None, durable_redis: RedisServer) -> None:
    version = redis.Redis.from_url(durable_redis.url, decode_responses=True).info()["valkey_version"]
    assert f"Valkey {version}, answers" in run("doctor").out


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a page that is not built, where no extra is installed."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "index.html").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "_is_there", lambda module: False)
    return tmp_path


def outcomes(settings: Settings) -> dict[str, str]:
    return {check.subject: check.outcome for check in check_processes(settings)}


def test_an_extra_or_a_page_that_is_missing_is_wrong_if_its_process_is_started(bare: Path) -> None:
    assert outcomes(load_settings()) == {"Flower": "note", "Page": "note"}
    (bare / "Procfile").write_text("flower: python -m workers.flower\npage: python -m workers.page\n")
    assert outcomes(load_settings()) == {"Flower": "wrong", "Page": "wrong"}
    (bare / "static" / "vendor").mkdir()
    (bare / "static" / "vendor" / "page.js").write_text("")
    assert outcomes(load_settings())["Page"] == "ok"
    assert outcomes(load_settings(traces_url="http://collector"))["Tracing"] == "wrong"


def test_settings_that_are_not_valid_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_SOFT_TIME_LIMIT", "100000")
    assert "must hold" in wrong(run("doctor", "--json"))["Settings"]["detail"]


def test_a_variable_that_nobody_reads_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_LIMIT_ARRAY", "100")
    noted = [check for check in run("doctor", "--json").document["checks"] if check["subject"] == "Settings"]
    assert [(check["outcome"], check["detail"]) for check in noted] == [
        ("note", "TELEMETRY_LIMIT_ARRAY is set, but is not a setting")
    ]
    assert "TELEMETRY_LIMIT_ARRAY_LENGTH" in noted[0]["remedy"]


def test_variables_of_the_deployments_are_read_by_somebody() -> None:
    root = Path(__file__).resolve().parents[2]
    files = [path for folder in ("deploy", "docker") for path in (root / folder).rglob("*") if path.is_file()]
    names = {name for path in files for name in re.findall(r"\b(TELEMETRY_[A-Z0-9_]+)\s*[=:]", path.read_text("utf-8"))}
    assert len(names) > 5
    assert list(check_variables([*names, "TELEMETRY_REDIS_URL_FILE", "PATH"])) == []
