"""One child process that is a server: started, probed, killed, and its log shown when it does not come up."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class ServerDied(Exception):
    """The server ended before it was ready; carries the end of its log."""


class ServerProcess:
    """A server in its own session, so that Ctrl-C of the test run reaches only the tests."""

    def __init__(self, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self._argv = list(argv)
        self._log = log
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process.pid

    def start(self, ready: Callable[[], bool], timeout: float = 120.0) -> None:
        """Starts and waits until ``ready()``; it may raise nothing and is asked every 50 ms."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                dying_with_us(self._argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerDied(f"{self._argv[0]} did not come up:\n{self._log.read_text('utf-8', 'replace')[-3000:]}")
            time.sleep(0.05)

    def signal(self, number: int) -> None:
        """Sends a signal, ``SIGSTOP`` and ``SIGCONT`` for a server that hangs."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL: the crash of a process. No effect on a dead one."""
        self._end(signal.SIGKILL)

    def stop(self, timeout: float = 120.0) -> None:
        """SIGTERM, then SIGKILL after ``timeout`` seconds."""
        self._end(signal.SIGTERM, timeout)

    def _end(self, number: int, timeout: float = 120.0) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def dying_with_us(argv: list[str]) -> list[str]:
    """With a signal for the death of the parent, where setpriv is there: a killed test run leaves no servers.

    Only from the main thread: the kernel sends that signal when the *thread* that forked ends.
    """
    setpriv = shutil.which("setpriv")
    if setpriv and threading.current_thread() is threading.main_thread():
        return [setpriv, "--pdeathsig", "KILL", "--", *argv]
    return argv
