"""How much time there is for a step; one that is not done by then stops at a place from which it can go on."""

import time
from collections.abc import Callable

from telemetry_tasks.errors import TelemetryError


class TooSlow(TelemetryError):
    """The step was not done in its time."""


class Deadline:
    """The time that there is from now on."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self._clock, self._end = seconds, clock, clock() + seconds

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self._clock() > self._end

    def check(self, what: str) -> None:
        """Raises ``TooSlow`` if it is."""
        if self.is_over:
            raise TooSlow(f"{what} was not done within {self.seconds:g} s")
