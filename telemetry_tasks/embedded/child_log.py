"""The output of one child: to a file of bounded size, and to the terminal if wanted."""

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread
from typing import IO

MAX_BYTES = 2 * 1024 * 1024
KEPT_FILES = 3

Echo = Callable[[str, str], None]
"""Takes the child's name and one line of its output."""


class ChildLog:
    """``<folder>/<name>.log`` and up to three older ones; a thread for each run reads its pipe."""

    def __init__(self, folder: Path, name: str, echo: Echo | None = None, *, max_bytes: int = MAX_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self._name = name
        self._echo = echo
        self._handler = RotatingFileHandler(
            self.path,
            maxBytes=max_bytes,
            backupCount=KEPT_FILES,
            encoding="utf-8",
            errors="replace",
            delay=True,
        )

    def follow(self, pipe: IO[bytes]) -> Thread:
        """Reads the pipe to its end in a thread of its own, so that a child never waits for its reader."""
        thread = Thread(target=self._pump, args=(pipe,), name=f"log of {self._name}", daemon=True)
        thread.start()
        return thread

    def write(self, line: str) -> None:
        self._handler.handle(logging.makeLogRecord({"msg": line}))
        if self._echo:
            self._echo(self._name, line)

    def tail(self, lines: int = 5) -> list[str]:
        """The newest lines that are not empty, oldest first."""
        if not self.path.exists():
            return []
        text = self.path.read_text(encoding="utf-8", errors="replace")
        return [line for line in text.splitlines() if line.strip()][-lines:]

    def close(self) -> None:
        self._handler.close()

    def _pump(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self.write(line.decode("utf-8", "replace").rstrip("\r\n"))
