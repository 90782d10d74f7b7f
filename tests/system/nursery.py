"""Starts processes of fleets by forking one that has imported what they need: a start takes tenths of its CPU time.

Only packages of others are imported before the fork. The product's own modules, all settings and all clients are the
child's: it runs its module as ``python -m`` does. ``FAULTS=full`` or
``FAULTS_NO_NURSERY=1`` starts every process from nothing.
"""

import ctypes
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from tests.servers.process import dying_with_us

ROOT = Path(__file__).resolve().parents[2]
OURS = ("telemetry_tasks", "celeryconfig", "workers", "tests", "__main__", "__mp_main__")
PREFIXES = ("LD_", "PYTHON", "OPENBLAS_", "FAKETIME")
"""Variables that a process reads before its first line, or that these packages read when they are imported."""

LONGEST = 1 << 20
PR_SET_PDEATHSIG = 1


class Child:
    """A process that the nursery forked, as ``subprocess.Popen`` shows one."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery, self.pid = nursery, pid

    @property
    def returncode(self) -> int | None:
        return self._nursery.code_of(self.pid)

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it ended a moment ago
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class Nursery:
    """The side of the tests."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        self._codes: dict[int, int] = {}
        self._began: int | None = None
        command = [sys.executable, "-m", "tests.system.nursery", str(theirs.fileno())]
        self._process = subprocess.Popen(
            dying_with_us(command), cwd=ROOT, pass_fds=[theirs.fileno()], start_new_session=True
        )
        theirs.close()

    def start(self, module: str, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> Child:
        """Runs ``python -m module …`` in a session of its own; its output goes to ``log``."""
        order = {"module": module, "arguments": [*arguments], "log": str(log), "environment": dict(environment)}
        with self._lock:
            self._began = None
            self._socket.send(json.dumps(order).encode())
            while self._began is None:
                self._take(self._socket.recv(LONGEST))
            return Child(self, self._began)

    def code_of(self, pid: int) -> int | None:
        """The exit code of a child, None as long as it runs."""
        with self._lock:
            while select.select([self._socket], [], [], 0)[0]:
                self._take(self._socket.recv(LONGEST))
            return self._codes.get(pid)

    def _take(self, message: bytes) -> None:
        assert message, "the nursery has ended"
        told = json.loads(message)
        if "code" in told:
            self._codes[told["pid"]] = told["code"]
        else:
            self._codes.pop(told["pid"], None)  # of an earlier process with this number
            self._began = told["pid"]


@cache
def _nursery() -> Nursery:
    return Nursery()


def started(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Child | None:
    """The process, where the nursery can start it: ``python -m module …`` with the usual variables; None else.

    Only from the main thread: what starts the nursery takes it with it when it ends.
    """
    usual = not any(name.startswith(PREFIXES) and os.environ.get(name) != environment[name] for name in environment)
    if (
        [*command[:2]] != [sys.executable, "-m"]
        or not usual
        or os.environ.get("FAULTS") == "full"
        or os.environ.get("FAULTS_NO_NURSERY")
    ):
        return None
    if threading.current_thread() is not threading.main_thread() and not _nursery.cache_info().currsize:
        return None
    return _nursery().start(command[2], command[3:], log, environment)


# The other side: the nursery itself


def _import_packages() -> None:
    """Everything that the application imports, without the application: a child says what that is."""
    code = (
        "import sys, celery.bin.celery, celery.bin.worker, celery.bin.beat, celery.apps.worker\n"
        "import celery.apps.beat, celery.concurrency.prefork, kombu.transport.redis\n"
        "import telemetry_tasks.app, telemetry_tasks.bootstrap\n"
        "print('\\n'.join(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    for name in ran.stdout.split():
        if name.partition(".")[0] not in OURS and not name.endswith(".__main__"):
            try:
                __import__(name)
            except ImportError:  # a module that only its package can make
                continue


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Forks as it is told. Returns the order in the child, None where the tests have ended."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([control, reader], [], [])
        if reader in ready:
            os.read(reader, 4096)
            _tell_ends(control)
        if control in ready:
            message = control.recv(LONGEST)
            if not message:
                return None
            pid = os.fork()
            if pid:
                control.send(json.dumps({"pid": pid}).encode())
                continue
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (reader, writer, control.detach()):
                os.close(descriptor)
            order: dict[str, Any] = json.loads(message)
            return order


def _tell_ends(control: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        control.send(json.dumps({"pid": pid, "code": os.waitstatus_to_exitcode(status)}).encode())


def _become(order: dict[str, Any]) -> None:
    """Runs the module, as a new interpreter would."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.close(log)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = [order["module"], *order["arguments"]]
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _import_packages()
    found = _serve(socket.socket(fileno=int(sys.argv[1])))
    if found is not None:
        _become(found)
