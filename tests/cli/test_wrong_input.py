"""Whatever is wrong outside, a command ends with one clear line and an exit code that is not 0."""

from pathlib import Path

import pytest

from tests.cli.conftest import READER, READERS_SECRET, SharedWeed, its_services
from tests.cli.invoking import run
from tests.servers.ports import free_port
from tests.support.deployment import aggregate_all, merge_all

NEED_REDIS = ["discover", "publish", "checkpoint", "restore", "status", "reprocess", "retry-missing", "verify"]
NEED_BUCKETS = [*NEED_REDIS, "collect-garbage", "simulate --ingest --days 1"]


@pytest.mark.parametrize("command", NEED_BUCKETS)
def test_a_bucket_that_is_not_there(command: str, s3_deployed: SharedWeed, monkeypatch: pytest.MonkeyPatch) -> None:
    state = its_services().state
    state.begin_epoch("an-epoch")
    for name in ("INPUT", "RESULTS", "PUBLISHED"):
        monkeypatch.setenv(f"TELEMETRY_{name}_URL", "s3://no-such-bucket")
    ran = run(*command.split())
    if command in ("reprocess", "retry-missing"):
        assert ran.out == "Nothing matches\n"  # an empty state names no bucket
    else:
        assert "s3://no-such-bucket" in ran.error
        assert "the bucket does not exist" in ran.error


def test_a_bucket_for_ping_files_that_is_not_there(
    s3_deployed: SharedWeed, real_pings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEMETRY_INPUT_URL", "s3://no-such-bucket")
    assert "the bucket does not exist" in run("ingest", real_pings).error


@pytest.mark.parametrize("command", NEED_REDIS)
def test_a_redis_that_does_not_answer(command: str, stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_REDIS_URL", f"redis://user:very-secret@127.0.0.1:{free_port()}/0")
    its_services().published.put("check-points.json", b'["20010101000000"]')
    ran = run(command)
    assert ran.code == 4
    assert "does not answer" in ran.error
    assert "is it running?" in ran.error
    assert "very-secret" not in ran.error


@pytest.mark.parametrize("command", NEED_REDIS)
def test_a_redis_url_that_is_none(command: str, stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_REDIS_URL", "http://127.0.0.1:6379")
    assert "redis://host:port" in run(command).error


def test_a_broker_that_does_not_answer(deployed: None, real_pings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("ingest", real_pings)
    monkeypatch.setenv("TELEMETRY_BROKER_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert run("discover", "--now").code == 0  # sends nothing


@pytest.mark.parametrize("command", ["ingest", "publish", "checkpoint", "simulate"])
def test_an_s3_without_permission_to_write(
    command: str, s3_deployed: SharedWeed, real_pings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", real_pings / "saved_session")
    aggregate_all(its_services())
    merge_all(its_services())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READERS_SECRET)
    # clients are kept by their settings: these are new ones
    monkeypatch.setenv("TELEMETRY_S3_MAX_CONNECTIONS", "5")
    arguments = {"ingest": ["ingest", real_pings], "simulate": ["simulate", "--ingest", "--days", 1]}.get(command)
    if command == "ingest":
        next(real_pings.rglob("*.lzma")).write_bytes(b"another file")
    ran = run(*(arguments or [command]))
    assert ran.code == 1
    assert "not permitted" in ran.error
    assert "check keys and bucket policy" in ran.error


def test_keys_that_the_s3_does_not_know(
    s3_deployed: SharedWeed, real_pings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("TELEMETRY_S3_MAX_CONNECTIONS", "6")
    ran = run("ingest", real_pings)
    assert ran.code == 1
    assert "s3://" in ran.error


def test_an_s3_that_does_not_answer(s3_deployed: SharedWeed, real_pings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_S3_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    assert run("ingest", next(real_pings.rglob("*.lzma"))).code == 4


@pytest.mark.parametrize("command", ["aggregate x -o y", "status", "doctor --json"])
def test_a_setting_that_is_not_valid(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_WINDOW", "many")
    ran = run(*command.split())
    assert ran.code == 1
    assert "TELEMETRY_WINDOW" in ran.out + ran.err


def test_a_url_of_objects_that_is_none(stores: None, real_pings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_INPUT_URL", "ftp://somewhere")
    assert "s3://bucket/prefix" in run("ingest", real_pings).error
