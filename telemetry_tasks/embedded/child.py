"""One supervised process: what it is (``ChildSpec``) and its runs (``Child``)."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

from telemetry_tasks.embedded import exec_shim
from telemetry_tasks.embedded.child_log import ChildLog


def _always() -> bool:
    return True


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """A process to keep running. Times in seconds.

    ``environment`` is laid over the supervisor's own; None removes a variable. ``ready`` says whether the
    service does its work: False or ``InfrastructureError`` mean not yet. ``before_start`` runs before every
    start. A child that ``may_finish`` is not started again after it ended with 0. ``death_signal`` is what
    the child gets when the supervisor is killed; ``tie`` how (see ``exec_shim``).
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    ready: Callable[[], bool] = _always
    ready_seconds: float = 30.0
    stop_seconds: float = 10.0
    death_signal: signal.Signals = signal.SIGTERM
    before_start: Callable[[], None] = _nothing
    may_finish: bool = False
    tie: str = field(default_factory=exec_shim.default_mode)


class Child:
    """The runs of one spec, one at a time.

    Start it from the main thread only: the parent-death signal comes when the *thread* that forked ends.
    """

    def __init__(self, spec: ChildSpec, log: ChildLog, *, keep_open: tuple[int, ...] = ()) -> None:
        self.spec = spec
        self.log = log
        self.exit_code: int | None = None
        self._keep_open = keep_open
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: Thread | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Starts a run in a session of its own, so that the terminal's Ctrl-C reaches only the supervisor.

        Raises what ``before_start`` raises. A program that does not exist ends with 127.
        """
        self.spec.before_start()
        self.exit_code = None
        self._process = subprocess.Popen(
            self._command(),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._keep_open,
        )
        assert self._process.stdout is not None
        self._reader = self.log.follow(self._process.stdout)

    def has_ended(self) -> bool:
        """Whether the run that was going has ended; sets ``exit_code`` (negative: the signal) once."""
        if self._process is None or (code := self._process.poll()) is None:
            return False
        self.kill()  # whatever it forked and left behind in its group
        self.exit_code = code
        self._process = None
        if self._reader:
            self._reader.join(timeout=1.0)
        return True

    def terminate(self) -> None:
        """Asks the process, not its own children, to end: Celery's prefork children must not get this."""
        if self._process:
            self._process.terminate()

    def kill(self) -> None:
        """Ends the whole group at once."""
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _command(self) -> list[str]:
        shim = [sys.executable, "-E", "-S", exec_shim.__file__]
        return [*shim, str(os.getpid()), str(int(self.spec.death_signal)), self.spec.tie, *self.spec.command]

    def _environment(self) -> dict[str, str]:
        # Passed on, not read: what a setting means is the business of `settings` in the child.
        environment: dict[str, str] = {**os.environ, "PYTHONUNBUFFERED": "1"}
        for name, value in self.spec.environment.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        return environment
