import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from telemetry_tasks.embedded import data_folder
from telemetry_tasks.embedded.data_folder import DataFolder, FolderLock, write_private
from telemetry_tasks.errors import OperatorError

HOLDER = "import sys, time; print('holds', flush=True); time.sleep(float(sys.argv[1]))"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    made = folder.secrets()
    assert folder.secrets() == made
    assert mode(tmp_path / "secrets.json") == 0o600
    assert DataFolder(tmp_path / "other").secrets() != made


def test_damaged_secrets_are_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    with pytest.raises(OperatorError, match="remove it to have new secrets made"):
        DataFolder(tmp_path).secrets()


def test_a_private_file_replaces_a_readable_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert mode(path) == 0o600


def test_a_shell_reads_the_environment_as_it_was_meant(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.write_environment({"A": "it's $HOME", "B": '["x y"]'})
    script = f'. {folder.environment}; printf "%s|%s" "$A" "$B"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout == 'it\'s $HOME|["x y"]'


def test_the_folder_of_a_dead_owner_is_free_when_its_children_are_gone(tmp_path: Path) -> None:
    lock = DataFolder(tmp_path).lock()
    child = holder(lock, 1)
    lock.release()
    began = time.monotonic()
    DataFolder(tmp_path).lock().release()
    assert time.monotonic() - began > 0.5
    assert child.wait() == 0


def test_servers_that_do_not_go_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "GONE_SECONDS", 0.3)
    lock = DataFolder(tmp_path).lock()
    child = holder(lock, 60)
    lock.release()
    with pytest.raises(OperatorError, match="servers of an earlier"):
        DataFolder(tmp_path).lock()
    child.kill()
    child.wait()
    DataFolder(tmp_path).lock().release()


def holder(lock: FolderLock, seconds: float) -> "subprocess.Popen[bytes]":
    """A child that was given the lock, as the supervisor gives it to its children."""
    command = [sys.executable, "-c", HOLDER, str(seconds)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=(lock.inherited,))
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
    return child
