"""The heartbeat file: touched, replaced whole, and never a reason for its process to fail."""

import os
from pathlib import Path

from telemetry_tasks.core.living import READY, WAITING
from telemetry_tasks.heartbeat.file import HeartbeatFile


def test_each_beat_touches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    file = HeartbeatFile(path)
    file.beat(READY)
    os.utime(path, (0, 0))
    file.beat(READY)
    assert path.stat().st_mtime > 0
    assert path.read_text() == "ready\n"


def test_another_word_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    file = HeartbeatFile(tmp_path / "heartbeat")
    file.beat(READY)
    file.beat(WAITING)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("heartbeat", "waiting\n")]


def test_a_file_that_was_removed_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    file = HeartbeatFile(path)
    file.beat(READY)
    path.unlink()
    file.beat(READY)
    file.beat(READY)
    assert path.read_text() == "ready\n"


def test_an_ended_process_has_no_file_however_late_a_thread_beats(tmp_path: Path) -> None:
    file = HeartbeatFile(tmp_path / "heartbeat")
    file.beat(READY)
    file.end()
    file.beat(WAITING)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_stops_nobody(tmp_path: Path) -> None:
    file = HeartbeatFile(tmp_path / "nowhere" / "heartbeat")
    file.beat(READY)
    file.remove()
    assert not list(tmp_path.iterdir())
