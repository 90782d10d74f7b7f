"""Becomes the given command, after asking the kernel to signal it when its parent dies.

``python exec_shim.py PARENT_PID SIGNAL MODE COMMAND…``

Uses the standard library only and is run as a file, not as a module: it stands before every child of the
supervisor and has to be quick. ``MODE`` is

``prctl``  Linux: PR_SET_PDEATHSIG survives the exec, nothing stays behind. The parent is looked at once more
           after the call, because it may have died before it.
``watch``  elsewhere: the shim stays, looks at its parent twice a second, and kills the command's whole group
           when the parent has gone; it passes SIGTERM and SIGINT on and ends as the command ends.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 0.5


def die_with_parent(death_signal: int) -> None:
    """From now on the kernel sends ``death_signal`` when the parent of this process dies (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def default_mode() -> str:
    """How children are tied to their parent on this system."""
    return "prctl" if sys.platform.startswith("linux") else "watch"


def _watch(parent: int, death_signal: int, command: list[str]) -> int:
    child = subprocess.Popen(command)
    for passed in (signal.SIGTERM, signal.SIGINT):
        signal.signal(passed, lambda number, _frame: child.send_signal(number))
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(death_signal)
            time.sleep(WATCH_SECONDS)
            os.killpg(os.getpgrp(), signal.SIGKILL)
        time.sleep(WATCH_SECONDS)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(arguments: list[str]) -> int:
    parent, death_signal, mode, command = int(arguments[0]), int(arguments[1]), arguments[2], arguments[3:]
    if mode == "watch":
        return _watch(parent, death_signal, command)
    die_with_parent(death_signal)
    if os.getppid() != parent:
        return 128 + death_signal
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"cannot run {command[0]}: {error.strerror}", file=sys.stderr)
    return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
