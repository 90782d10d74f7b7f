"""A disk that gets full is told once, and once when it has room again."""

import errno
from pathlib import Path

from telemetry_tasks.embedded.disk_space import DiskSpace

LEAST = 2 << 30


def test_it_is_told_once_when_the_disk_is_nearly_full_and_once_when_it_has_room_again(tmp_path: Path) -> None:
    said: list[str] = []
    free = [LEAST, LEAST - 1, 5, 0, LEAST, LEAST + 1, 7]
    space = DiskSpace(tmp_path, LEAST, said.append, lambda folder: free.pop(0))
    told = []
    while free:
        space.look()
        told.append(len(said))
    assert told == [0, 1, 1, 1, 2, 2, 3]
    assert f"the disk of {tmp_path} is nearly full: 2.0 GiB are free" in said[0]
    assert "TELEMETRY_DATA_DIR_LEAST_FREE" in said[0]
    assert "has room again" in said[1]


def test_it_looks_at_the_disk_of_the_folder(tmp_path: Path) -> None:
    said: list[str] = []
    DiskSpace(tmp_path, 0, said.append).look()
    assert said == []
    DiskSpace(tmp_path, 1 << 62, said.append).look()
    assert "is nearly full" in said[0]


def test_a_folder_that_cannot_be_looked_at_stops_nothing(tmp_path: Path) -> None:
    said: list[str] = []

    def fails(folder: Path) -> int:
        raise OSError(errno.EIO, "Input/output error")

    DiskSpace(tmp_path, LEAST, said.append, fails).look()
    assert said == [f"cannot see how full the disk of {tmp_path} is: Input/output error"]
