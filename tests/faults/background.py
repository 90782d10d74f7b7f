"""Threads that look at something again and again while a case runs."""

import threading
from abc import ABC, abstractmethod
from typing import Self

PATIENCE = 120.0
"""Seconds that the last look may take."""


class Background(ABC):
    """``with Background(…) as looking: …``, or ``start()`` and ``stop()``; ``look()`` each ``pause`` seconds meanwhile.

    What ends the thread is raised by ``stop()``, once: a look that failed must not pass for one that found nothing.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._failure: Exception | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @abstractmethod
    def look(self) -> None:
        """Looks once. A caller that sleeps meanwhile calls ``sleeps``."""

    def sleeps(self, seconds: float) -> bool:
        """Waits so long, or until it is over; whether it is."""
        return self._over.wait(seconds)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; doing so twice is harmless."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive(), f"{type(self).__name__} does not end"
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            while not self.sleeps(self._pause):
                self.look()
        except Exception as failure:  # noqa: BLE001 - whatever it is, stop() raises it
            self._failure = failure
