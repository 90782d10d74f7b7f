"""``ingest``: files into the bucket, each once."""

from pathlib import Path

import pytest

from tests.cli.conftest import its_services
from tests.cli.invoking import run
from tests.support.shared import REAL_KEYS

KEYS = sorted(REAL_KEYS.values())


def in_the_bucket() -> list[str]:
    return [info.key for info in its_services().input.list()]


def test_files_are_put_under_their_keys(stores: None, real_pings: Path) -> None:
    ran = run("ingest", "--root", real_pings, real_pings)
    assert ran.code == 0
    assert "4 new files in" in ran.out
    assert in_the_bucket() == KEYS


def test_a_second_time_sends_nothing(stores: None, real_pings: Path) -> None:
    run("ingest", real_pings)
    before = [info.modified for info in its_services().input.list()]
    ran = run("ingest", real_pings, "--json")
    assert ran.document["same"] == 4
    assert ran.document["bytes_sent"] == ran.document["new"] == ran.document["replaced"] == 0
    assert [info.modified for info in its_services().input.list()] == before


def test_a_file_that_changed_takes_the_place_of_the_old_one(stores: None, real_pings: Path) -> None:
    run("ingest", real_pings)
    (real_pings / KEYS[0]).write_bytes(b"other bytes")
    assert run("ingest", real_pings, "--json").document["replaced"] == 1
    assert its_services().input.get(KEYS[0]).body == b"other bytes"


def test_a_prefix_is_put_before_the_paths(stores: None, real_pings: Path) -> None:
    root = real_pings / "saved_session" / "Firefox"
    ran = run("ingest", "--root", root, "--prefix", "saved_session/Firefox/", root)
    assert ran.code == 0
    assert in_the_bucket() == KEYS


def test_a_prefix_without_a_root_is_wrong_usage(stores: None, real_pings: Path) -> None:
    assert run("ingest", "--prefix", "x", real_pings).code == 2


def test_a_bad_key_is_refused_and_nothing_is_uploaded(stores: None, real_pings: Path) -> None:
    odd = real_pings / "odd.lzma"
    odd.write_bytes(b"x")
    ran = run("ingest", "--root", real_pings, real_pings / "saved_session", odd)
    assert "1 of 5 files cannot be ping files by their keys (bad-key:" in ran.error
    assert in_the_bucket() == []


def test_a_folder_without_ping_files_is_refused(stores: None, tmp_path: Path) -> None:
    assert "--root" in run("ingest", tmp_path).error


def test_the_rule_of_keys_is_told_where_no_file_keeps_to_it(stores: None, tmp_path: Path) -> None:
    (tmp_path / "a1b2.lzma").write_bytes(b"x")
    ran = run("ingest", tmp_path)
    assert ran.code == 1
    assert "REASON/APPLICATION/CHANNEL/VERSION/BUILDID.SUBMISSIONDATE" in ran.error
    assert "a1b2.lzma" in ran.error


def test_one_file_is_one_file(stores: None, real_pings: Path) -> None:
    assert "1 new file in" in run("ingest", "--root", real_pings, real_pings / KEYS[0]).out


def test_a_file_that_is_not_there_is_refused(stores: None, real_pings: Path) -> None:
    gone = real_pings / KEYS[0].replace(".v2.", ".gone.")
    assert "there is no such file" in run("ingest", "--root", real_pings, gone).error


def test_a_folder_store_that_is_not_there_is_refused(real_pings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_INPUT_URL", f"folder://{real_pings}/no-such-folder")
    assert "there is no such folder" in run("ingest", real_pings).error
