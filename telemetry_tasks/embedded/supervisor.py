"""Starts children in order, keeps them running, stops them in reverse.

Everything happens in the main thread; only the logs have threads. The first Ctrl-C or SIGTERM stops in order,
the third kills at once.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from telemetry_tasks.embedded.child import Child, ChildSpec
from telemetry_tasks.embedded.child_log import ChildLog, Echo
from telemetry_tasks.embedded.interruptions import Interruptions
from telemetry_tasks.errors import InfrastructureError, OperatorError

PROBE_SECONDS = 0.1
LOOK_SECONDS = 30.0
FIRST_BACK_OFF = 0.5
LAST_BACK_OFF = 10.0
STEADY_SECONDS = 30.0
KILL_AT = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Children that start together, after ``before`` ran; the next stage waits until all are ready."""

    children: tuple[ChildSpec, ...]
    before: Callable[[], None] | None = None


@dataclass(slots=True)
class _Restarts:
    """When a child started, and how long to wait after it ends. Times of ``time.monotonic``."""

    started: float
    back_off: float = FIRST_BACK_OFF
    due: float | None = None

    def ended(self, now: float) -> float:
        """Sets when the child is due again; returns the seconds until then."""
        if now - self.started > STEADY_SECONDS:
            self.back_off = FIRST_BACK_OFF
        wait, self.back_off = self.back_off, min(self.back_off * 2, LAST_BACK_OFF)
        self.due = now + wait
        return wait


class _Stopped(Exception):
    """A stop was asked for while the children were being started."""


class Supervisor:
    """Runs the stages' children until it is told to stop. Every child inherits ``keep_open``.

    ``look`` is called every ``look_seconds`` while they run.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        log_folder: Path,
        *,
        say: Say,
        echo: Echo | None = None,
        keep_open: tuple[int, ...] = (),
        look: Callable[[], None] = lambda: None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._look, self._look_seconds, self._looks_at = look, look_seconds, 0.0
        self._stages = [
            (
                stage,
                [Child(spec, ChildLog(log_folder, spec.name, echo), keep_open=keep_open) for spec in stage.children],
            )
            for stage in stages
        ]
        self._say = say
        self._restarts: dict[str, _Restarts] = {}
        self._interruptions = Interruptions()

    def run(self, on_ready: Callable[[], None]) -> None:
        """Starts, calls ``on_ready``, watches until a stop is asked for, stops.

        Raises ``OperatorError`` when a child does not become ready; everything is stopped by then.
        """
        with self._interruptions.watched():
            try:
                self._start_all()
                on_ready()
                self._watch()
            except _Stopped:
                pass
            finally:
                self._stop_all()

    def running(self) -> set[str]:
        """Names of the children that have a process now."""
        return {child.spec.name for child in self._children() if child.running}

    def _children(self) -> Iterator[Child]:
        return (child for _, children in self._stages for child in children)

    # -- starting

    def _start_all(self) -> None:
        for stage, children in self._stages:
            if stage.before:
                stage.before()
            for child in children:
                self._start(child)
            for child in children:
                self._await_ready(child)

    def _start(self, child: Child) -> None:
        child.start()
        restarts = self._restarts.setdefault(child.spec.name, _Restarts(0.0))
        restarts.started, restarts.due = time.monotonic(), None

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + child.spec.ready_seconds
        problem = "it does not answer"
        while True:
            if self._interruptions.count:
                raise _Stopped
            if child.has_ended():
                if child.spec.may_finish and child.exit_code == 0:
                    return
                raise OperatorError(self._failed(child, f"ended at once ({_how(child.exit_code)})"))
            try:
                if child.spec.ready():
                    return
            except InfrastructureError as error:
                problem = str(error)
            if time.monotonic() > deadline:
                raise OperatorError(
                    self._failed(child, f"is not ready after {child.spec.ready_seconds:g} s: {problem}")
                )
            self._interruptions.wait(PROBE_SECONDS)

    def _failed(self, child: Child, what: str) -> str:
        tail = " | ".join(child.log.tail(3))
        return f"{child.spec.name} {what}; see {child.log.path}" + (f": {tail}" if tail else "")

    # -- watching

    def _watch(self) -> None:
        while not self._interruptions.count:
            now = time.monotonic()
            if now >= self._looks_at:
                self._look()
                self._looks_at = now + self._look_seconds
            for child in self._children():
                if child.has_ended():
                    self._plan_restart(child, now)
                due = self._restarts[child.spec.name].due
                if due is not None and due <= now:
                    self._restart(child)
            self._interruptions.wait(self._seconds_to_next())

    def _plan_restart(self, child: Child, now: float) -> None:
        if child.spec.may_finish and child.exit_code == 0:
            self._say(f"{child.spec.name} has finished")
            return
        wait = self._restarts[child.spec.name].ended(now)
        how = _how(child.exit_code)
        self._say(f"{child.spec.name} ended ({how}), starts again in {wait:g} s; see {child.log.path}")

    def _restart(self, child: Child) -> None:
        try:
            self._start(child)
        except InfrastructureError as error:
            wait = self._restarts[child.spec.name].ended(time.monotonic())
            self._say(f"{child.spec.name} cannot start yet ({error}), tries again in {wait:g} s")

    def _seconds_to_next(self) -> float:
        dues = [restarts.due for restarts in self._restarts.values() if restarts.due is not None]
        return max(0.0, min([*dues, self._looks_at]) - time.monotonic())

    # -- stopping

    def _stop_all(self) -> None:
        for _, children in reversed(self._stages):
            self._stop(children)
        for child in self._children():
            child.log.close()

    def _stop(self, children: list[Child]) -> None:
        for child in children:
            child.terminate()
        began = time.monotonic()
        while left := [child for child in children if child.running and not child.has_ended()]:
            now = time.monotonic()
            for child in left:
                if now - began > child.spec.stop_seconds or self._interruptions.count >= KILL_AT:
                    self._say(f"{child.spec.name} is killed")
                    child.kill()
            self._interruptions.wait(PROBE_SECONDS)


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return "not started"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return f"killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"killed by signal {-exit_code}"
