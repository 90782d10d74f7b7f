"""``status`` over a real Redis: what is late, what waits in the broker, and how watching ends."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry_tasks.cli import command_services
from telemetry_tasks.metrics import FORMAT, REFUSED, UNKNOWN_TASK, counted
from tests.cli.conftest import its_services
from tests.cli.invoking import run
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.support.backends import InRedis
from tests.support.deployment import aggregate_all, merge_all


@pytest.fixture
def waiting(deployed: None, real_pings: Path) -> None:
    """The real pings, registered just now and not aggregated."""
    run("ingest", real_pings)
    run("discover", "--now")


def test_a_deployment_in_which_nothing_happened_is_healthy(deployed: None) -> None:
    run("discover")
    ran = run("status")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "healthy")
    assert "checkpoint   never" in ran.out


def test_files_that_readers_do_not_see_for_long_are_a_problem(waiting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("status").code == 0
    monkeypatch.setenv("TELEMETRY_LATE_PUBLISH", "0.001")
    ran = run("status", "--json")
    assert ran.code == 1
    assert {version["name"] for version in ran.document["versions"] if version["files"]["oldest_unpublished"] > 0}
    assert {finding["code"] for finding in ran.document["findings"]} == {"files-unpublished"}


def test_partitions_whose_lease_is_over_for_long_are_a_problem(waiting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    state = its_services().state
    epoch = state.epoch()
    assert epoch is not None
    state.channel_version("nightly/28", epoch).claim(1, 1.0)
    monkeypatch.setenv("TELEMETRY_LATE_PARTITION", "1")
    InRedis(state.url).elapse(3.0)
    assert "nightly/28: partitions are overdue" in run("status").out


def test_a_broker_that_is_away_is_a_problem_and_the_rest_is_told(
    waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "queues       control 0, aggregate 0, merge 0, publish 0" in run("status").out
    monkeypatch.setenv("TELEMETRY_BROKER_URL", f"redis://127.0.0.1:{free_port()}/0")
    ran = run("status")
    assert ran.code == 1
    assert "the broker is away" in ran.out
    assert "nightly/28" in ran.out


def test_a_broker_that_takes_no_messages_is_a_problem(waiting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with RedisServer({"maxmemory": "100kb"}) as full:
        monkeypatch.setenv("TELEMETRY_BROKER_URL", full.url)
        ran = run("status", "--json")
    assert ran.code == 1
    assert [finding["code"] for finding in ran.document["findings"]] == ["broker-away"]


def test_messages_that_workers_refused_are_told_and_no_problem(deployed: None) -> None:
    run("discover")
    assert "refused" not in run("status").out
    its_services().state.counters.add({**counted(REFUSED, 2, FORMAT), **counted(REFUSED, 1, UNKNOWN_TASK)})
    ran = run("status")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "healthy")
    assert "refused      foreign messages: format 2, unknown-task 1" in ran.out
    assert run("status", "--json").document["refused"] == {"format": 2, "unknown-task": 1}


def test_what_is_published_as_other_is_told_by_dimension_and_reason(
    waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEMETRY_MOST_OPTIONS", "2")
    monkeypatch.setenv("TELEMETRY_ALLOWED_OPTIONS", '{"OS": ["NOBODY_HAS_THIS"]}')
    aggregate_all(its_services())
    merge_all(its_services())
    assert run("publish").code == 0
    told = [
        (v["name"], *part.values()) for v in run("status", "--json").document["versions"] for part in v["collapsed"]
    ]
    assert ("nightly/28", "not-allowed", "OS") in {part[:3] for part in told}
    lines = [line for line in run("status").out.splitlines() if line.startswith("collapsed")]
    assert lines == [
        f"collapsed    {name}: {number:,} options of {dimension} ({pings:,} pings) into OTHER, {reason}"
        for name, reason, dimension, number, pings in told
    ]


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"REDIS_URL": "redis://{}/0"}, "Redis at redis://"),
        ({"S3_ENDPOINT_URL": "http://{}", "PUBLISHED_URL": "s3://published"}, "s3://published"),
        ({"S3_ENDPOINT_URL": "http://{}", "RESULTS_URL": "s3://results"}, "s3://results"),
    ],
)
def test_a_service_that_never_answers_is_named_within_seconds(
    waiting: None, silent: str, monkeypatch: pytest.MonkeyPatch, names: dict[str, str], says: str
) -> None:
    monkeypatch.setattr(command_services, "SECONDS", 0.3)
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "x")
    for name, value in names.items():
        monkeypatch.setenv(f"TELEMETRY_{name}", value.format(silent))
    ran = run("status", "--json")
    assert ran.code == 4
    assert says in ran.error
    (finding,) = ran.document["findings"]
    assert (finding["code"], ran.document["healthy"]) == ("service-away", False)
    assert says in finding["text"]


def test_watching_ends_with_the_exit_code_of_the_last_look(deployed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    run("discover")
    monkeypatch.setattr("telemetry_tasks.cli.status.time.sleep", interrupted)
    watched = run("status", "--watch")
    assert (watched.code, watched.out.splitlines()[0]) == (0, "healthy")
    monkeypatch.setenv("TELEMETRY_BROKER_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert run("status", "--watch").code == 1
    its_services().state.client.flushdb()
    assert run("status", "--watch").code == 4
