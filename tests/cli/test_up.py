"""``up`` refuses what cannot work, before anything is started."""

from pathlib import Path

from telemetry_tasks.embedded.data_folder import DataFolder
from tests.cli.invoking import run


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "choose another folder with --data" in run("up", "--data", tmp_path / "file" / "data").error


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    lock = DataFolder(tmp_path).lock()
    try:
        assert "is in use by another `telemetry-tasks up`" in run("up", "--data", tmp_path).error
    finally:
        lock.release()


def test_no_workers_are_wrong_usage(tmp_path: Path) -> None:
    assert run("up", "--data", tmp_path, "--workers", 0).code == 2


def test_a_port_too_low_is_refused(tmp_path: Path) -> None:
    assert "--port 80" in run("up", "--data", tmp_path, "--port", 80).error
