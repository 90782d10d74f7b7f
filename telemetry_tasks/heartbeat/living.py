"""The heartbeat that ``status`` sees: a line on a board of the state for each process, written again and again.

A worker forks its children, which must not inherit a connection to the state, and its loop must not wait for one: a
thread opens a connection for each line, and ends with it. The board is of the deployment's own prefix, so processes of
another deployment on the same Redis are not taken for its own.
"""

import os
import socket
import threading
import time

import structlog

from telemetry_tasks.core.living import LIVING, MOST, OLD, living_field
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.board import RedisBoard
from telemetry_tasks.storage.redis.client import short_timeout_client

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two lines; ``core.living.ALIVE`` is several of them."""
PATIENCE = 5.0
"""Seconds that a write may take."""


class Living:
    """Tells that this process does work of these kinds."""

    def __init__(self, settings: Settings) -> None:
        self._url, self._prefix = settings.state_address, settings.redis_prefix
        self._name = f"{socket.gethostname()}.{os.getpid()}"
        self._due, self._word = 0.0, ""
        self._thread: threading.Thread | None = None
        self._swept = False

    def tell(self, kinds: tuple[str, ...], word: str) -> None:
        """One line for each kind, unless the last one is young and says the same. Returns at once."""
        now = time.monotonic()
        if (now < self._due and word == self._word) or (self._thread is not None and self._thread.is_alive()):
            return
        self._due, self._word = now + EVERY, word
        self._thread = threading.Thread(target=self._write, args=(kinds, word), name="living", daemon=True)
        self._thread.start()

    def _write(self, kinds: tuple[str, ...], word: str) -> None:
        try:
            client = short_timeout_client(self._url, PATIENCE)
            try:
                board = RedisBoard(client, self._url, self._prefix, LIVING, MOST)
                for kind in kinds:
                    board.write(living_field(kind, self._name), word.encode())
                self._sweep(board)
            finally:
                client.close()
        except TelemetryError as error:
            log.warning("status is not told that this process lives", reason=str(error))

    def _sweep(self, board: RedisBoard) -> None:
        """Once: lines of processes that are gone for long."""
        if self._swept:
            return
        self._swept = True
        for field, posted in board.read().items():
            if posted.age > OLD:
                board.drop(field)
