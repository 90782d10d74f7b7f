"""What becomes of a request, by dice: done, refused, done and unanswered, done twice, its process paused or gone."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from telemetry_tasks.errors import InfrastructureError
from tests.faults.simulation.crew import Crash, Crew

Step = Callable[[], Any]

RENEWING = "renewing"
"""The thread that renews leases by the clock on the wall, which has no say here."""

HOT = (
    *("commit", "compact", "begin", "load", "finish_restore", "end_job", "exchange", "note_done"),
    *("published.put latest-current.json", "published.put check-points.json", "published.put versions.json"),
)
"""Requests that decide something: where the guards are that the others rely on."""

HOT_RATE = 5
"""Times as often something befalls them."""

FATES = (
    *("paused before", "paused before", "paused before", "paused after", "paused after", "paused after"),
    *("crashed before", "crashed after"),
    *("refused", "unanswered", "sent again", "sent again later"),
)


class Weather:
    """``rate`` is the share of the requests that have another fate than to be done. The director's are done."""

    def __init__(self, crew: Crew, dice: random.Random, rate: float) -> None:
        self._crew, self._dice, self._rate = crew, dice, rate
        self.fates: Counter[str] = Counter()
        self.requests = 0

    def calm(self) -> None:
        """From here on all requests are done."""
        self._rate = 0.0

    def send(self, name: str, step: Step, again: Step | None = None) -> Any:
        """A request. ``again`` is what the client does where no answer came: the same, if nothing else is said."""
        worker = self._crew.running
        if worker is None:
            return step()
        if threading.current_thread().name == RENEWING:
            return None
        if worker.dead:
            raise Crash
        self.requests += 1
        if self._dice.random() >= self._rate * (HOT_RATE if name.startswith(HOT) else 1):
            return step()
        fate = self._dice.choice(FATES)
        self.fates[fate] += 1
        self._crew.said(f"  {worker.number} {worker.name}: {name} {fate}")
        return getattr(self, f"_{fate.replace(' ', '_')}")(name, step, again or step)

    def _paused_before(self, name: str, step: Step, again: Step) -> Any:
        self._crew.pause()
        return step()

    def _paused_after(self, name: str, step: Step, again: Step) -> Any:
        answer = step()
        self._crew.pause()
        return answer

    def _crashed_before(self, name: str, step: Step, again: Step) -> Any:
        self._die()

    def _crashed_after(self, name: str, step: Step, again: Step) -> Any:
        step()
        self._die()

    def _die(self) -> None:
        assert self._crew.running is not None
        self._crew.running.dead = True
        raise Crash

    def _refused(self, name: str, step: Step, again: Step) -> Any:
        raise InfrastructureError(f"{name} refused")

    def _unanswered(self, name: str, step: Step, again: Step) -> Any:
        step()
        raise InfrastructureError(f"{name} unanswered")

    def _sent_again(self, name: str, step: Step, again: Step) -> Any:
        step()
        return again()

    def _sent_again_later(self, name: str, step: Step, again: Step) -> Any:
        step()
        self._crew.pause()
        return again()
