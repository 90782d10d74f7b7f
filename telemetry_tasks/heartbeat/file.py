"""The file: one word that says how the process is, and a time of change that says when it last was."""

import os
import threading
from pathlib import Path

import structlog

log = structlog.get_logger()

INTERVAL = 5.0
"""Seconds between touches; a probe's limit is several of them."""


class HeartbeatFile:
    """Written by replacement, so that a probe never reads half a word; only touched while the word stays the same."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._word = ""
        self._ended = False
        self._lock = threading.Lock()

    def beat(self, word: str) -> None:
        """Says that the process lives. A file that cannot be written is logged: the probe then finds an old one."""
        try:
            with self._lock:
                if not self._ended:
                    self._write(word)
        except OSError as error:
            self._word = ""
            log.warning("heartbeat is not written: see TELEMETRY_HEARTBEAT", path=str(self._path), reason=str(error))

    def _write(self, word: str) -> None:
        if word == self._word:
            os.utime(self._path)
            return
        written = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        written.write_text(f"{word}\n", "ascii")
        written.replace(self._path)
        self._word = word

    def end(self) -> None:
        """The process ends: the file goes, and further beats do nothing."""
        with self._lock:
            self._ended = True
        self.remove()

    def remove(self) -> None:
        """The process has only begun: what is there says nothing about it."""
        self._word = ""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("heartbeat is not removed", path=str(self._path), reason=str(error))
