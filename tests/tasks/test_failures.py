"""What is noted of a task that could not do its work: its kind, one short line, and no secret."""

import pytest
from billiard.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from kombu.exceptions import OperationalError

from telemetry_tasks.errors import DataError, InfrastructureError, OperatorError
from telemetry_tasks.formats.recent_failure import EXCEPTION, FAILED, GIVEN_BACK, TIME_LIMIT
from telemetry_tasks.settings import environment, secrecy
from telemetry_tasks.tasks.failures import LONGEST, failure_of, kind_of, reason_of


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("behind what is shown", GIVEN_BACK),
        (InfrastructureError("away"), GIVEN_BACK),
        (WorkerLostError("signal 9"), GIVEN_BACK),
        (OperationalError("the broker is away"), GIVEN_BACK),
        (OperatorError("no such bucket"), FAILED),
        (DataError("bad-state"), FAILED),
        (SoftTimeLimitExceeded(), TIME_LIMIT),
        (TimeLimitExceeded(600), TIME_LIMIT),
        (KeyError("x"), EXCEPTION),
    ],
)
def test_each_error_is_of_a_kind(error: BaseException | str, kind: str) -> None:
    assert kind_of(error) == kind


def test_a_bug_is_told_by_its_type_in_one_short_line() -> None:
    assert reason_of(ValueError("zip() argument 2\n is longer")) == "ValueError: zip() argument 2 is longer"
    assert reason_of(AssertionError()) == "AssertionError"
    assert len(reason_of(ValueError("x" * 10_000))) == LONGEST
    assert "TELEMETRY_TIME_LIMIT" in reason_of(TimeLimitExceeded(600))


def test_no_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_BROKER_URL", "redis://user:Zq7secret%21@broker:6379/0")
    monkeypatch.setenv("TELEMETRY_FLOWER_LOGIN", "admin:hunter22")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-secret")
    for cached in (environment.settings, secrecy._longest_first):
        cached.cache_clear()
    try:
        told = reason_of(ValueError("Zq7secret%21 Zq7secret! aws-secret admin:hunter22 redis://a:b@host/0"))
    finally:
        monkeypatch.undo()
        for cached in (environment.settings, secrecy._longest_first):
            cached.cache_clear()
    assert told == "ValueError: … … … … redis://…@host/0"


def test_the_smallest_work_that_is_named_is_what_it_is_about() -> None:
    failure = failure_of("reprocess_partition", "x", {"channel_version": "nightly/28", "job": "j", "partition": "p"})
    assert (failure.where, failure.work) == ("nightly/28", "p")
    assert (failure_of("publish", "x", {"stamp": "2013"}).where, failure_of("publish", "x", {}).work) == ("", "")
