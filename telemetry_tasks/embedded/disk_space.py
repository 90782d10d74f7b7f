"""The disk that the data folder is on: a person is told before it is full."""

import shutil
from collections.abc import Callable
from pathlib import Path


class DiskSpace:
    """``look()`` now and then: says once when fewer than ``least`` bytes are free, and once when there is room again.

    ``free_bytes`` says how many there are, of a folder.
    """

    def __init__(
        self, folder: Path, least: int, say: Callable[[str], None], free_bytes: Callable[[Path], int] | None = None
    ) -> None:
        self._folder, self._least, self._say = folder, least, say
        self._free_bytes = free_bytes or _free_bytes
        self._told = False

    def look(self) -> None:
        """Raises nothing: a folder that cannot be looked at is no reason to stop what runs in it."""
        try:
            free = self._free_bytes(self._folder)
        except OSError as error:
            self._say(f"cannot see how full the disk of {self._folder} is: {error.strerror}")
            return
        if (free < self._least) == self._told:
            return
        self._told = not self._told
        if self._told:
            self._say(
                f"the disk of {self._folder} is nearly full: {_gibibytes(free)} are free, fewer than "
                f"{_gibibytes(self._least)} (TELEMETRY_DATA_DIR_LEAST_FREE): make room, or writes are refused soon"
            )
        else:
            self._say(f"the disk of {self._folder} has room again: {_gibibytes(free)} are free")


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _gibibytes(number: int) -> str:
    return f"{number / (1 << 30):.1f} GiB"
