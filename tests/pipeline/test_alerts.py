"""What a deployment's status calls a problem, and what it does not."""

from dataclasses import replace
from typing import Any

import pytest

from telemetry_tasks.core.living import KINDS, Kind
from telemetry_tasks.pipeline.findings import Finding
from telemetry_tasks.pipeline.inspect.alerts import findings_of
from telemetry_tasks.pipeline.inspect.status_values import Status, Thresholds, VersionStatus
from telemetry_tasks.storage.state_values import Counts

NOW = 1e9
LATE = Thresholds(partition=100.0, publish=200.0, checkpoint=300.0)
VERSION = VersionStatus(
    name="nightly/28",
    counts=Counts(1, 1, 0, 0, 0, 0, 0, None, 0),
    oldest_waiting=None,
    overdue=None,
    oldest_unpublished=None,
    missing=0,
    jobs=(),
)
FRESH = Status(
    versions=(),
    missing=(),
    ignored=0,
    published=None,
    published_age=None,
    checkpoint=None,
    checkpoint_age=None,
    redis_used=1,
    redis_most=100,
    asked=NOW,
)


def test_a_fresh_deployment_is_healthy() -> None:
    assert list(findings_of(FRESH, LATE)) == []
    assert list(findings_of(replace(FRESH, versions=(VERSION,)), LATE)) == []


@pytest.mark.parametrize(
    ("field", "limit", "code"),
    [
        ("oldest_waiting", 100.0, "partitions-wait"),
        ("overdue", 100.0, "partitions-overdue"),
        ("oldest_unpublished", 200.0, "files-unpublished"),
    ],
)
def test_what_is_late_in_a_channel_version_is_a_problem(field: str, limit: float, code: str) -> None:
    def found(age: float) -> list[Finding]:
        version: VersionStatus = replace(VERSION, **{field: age})
        return list(findings_of(replace(FRESH, versions=(version,)), LATE))

    assert found(limit) == []
    (finding,) = found(limit + 1)
    assert (finding.code, finding.about, finding.since) == (code, "nightly/28", NOW - limit - 1)
    assert finding.text.startswith("nightly/28: ")
    assert finding.remedy


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"checkpoint": "20131029000000", "checkpoint_age": 301.0}, "no-checkpoint", "no checkpoint for"),
        ({"published_since": 301.0}, "no-checkpoint", "no checkpoint for"),
        ({"broker_away": "127.0.0.1:1 does not answer"}, "broker-away", "127.0.0.1:1 does not answer"),
        ({"redis_used": 71}, "redis-full", "Redis is 71 % full"),
        ({"missing": (("nightly/28", "a/b", "truncated"),)}, "file-missing", "the file a/b"),
    ],
)
def test_what_is_wrong_with_the_whole_is_a_problem(fields: dict[str, Any], code: str, says: str) -> None:
    (finding,) = findings_of(replace(FRESH, **fields), LATE)
    assert finding.code == code
    assert says in finding.text
    assert finding.remedy


def test_a_young_checkpoint_is_enough_however_old_the_deployment_is() -> None:
    found = replace(FRESH, published_since=1e9, checkpoint="20131029000000", checkpoint_age=299.0)
    assert list(findings_of(found, LATE)) == []


def of_processes(**kinds: Kind) -> list[Finding]:
    found = replace(FRESH, processes={**dict.fromkeys(KINDS, Kind(2)), **kinds}, queues={"aggregate": 1, "merge": 7})
    return list(findings_of(found, LATE))


def test_each_kind_of_process_needs_one_that_lives_and_has_its_broker() -> None:
    assert of_processes() == []
    assert of_processes(aggregate=Kind(2, waiting=1)) == []
    (idle,) = of_processes(aggregate=Kind(seen=NOW - 60))
    assert (idle.code, idle.about, idle.since) == ("no-worker", "aggregate", NOW - 60)
    assert "no worker takes from the queue aggregate, and 1 message waits" in idle.text
    assert "python -m workers.aggregate" in idle.remedy
    assert [(f.code, f.about) for f in of_processes(merge=Kind(), publish=Kind(1, waiting=1))] == [
        ("no-worker", "merge"),
        ("no-broker-connection", "publish"),
    ]
    assert [f.code for f in of_processes(beat=Kind())] == ["no-beat"]


def test_while_the_broker_is_away_it_is_the_only_thing_to_start() -> None:
    found = replace(FRESH, processes=dict.fromkeys(KINDS, Kind()), broker_away="it does not answer")
    assert [finding.code for finding in findings_of(found, LATE)] == ["broker-away"]


def test_while_redis_takes_no_writes_no_process_is_said_to_be_gone() -> None:
    """Its heartbeats are refused with all else."""
    silent = replace(FRESH, processes=dict.fromkeys(KINDS, Kind()), redis_used=101)
    (finding,) = findings_of(silent, LATE)
    assert finding.code == "redis-full"
    assert "which processes live is not known" in finding.text
    assert {found.code for found in findings_of(replace(silent, redis_used=99), LATE)} == {
        "redis-full",
        "no-beat",
        "no-worker",
    }
