"""Connections that a forked child of a worker inherits and must not hold.

A child that takes the place of another is forked while its parent is connected to the broker. It would keep those
connections open after its parent is dead, and Redis would go on answering a ``BRPOP`` that nobody reads: the message
would be gone. Their places are filled with ``/dev/null`` instead of being closed, so that the objects that still
believe they own them cannot close what is opened later under the same number.
"""

import os
import socket
import stat
from pathlib import Path

DESCRIPTORS = Path("/dev/fd")
"""Lists what this process has open, on Linux and macOS; without it nothing is given up."""


def give_up_connections() -> int:
    """Lets go of every TCP socket of this process; the other process that holds it does not notice. How many."""
    if not DESCRIPTORS.is_dir():
        return 0
    given_up = [number for number in map(int, os.listdir(DESCRIPTORS)) if _is_tcp(number)]
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for number in given_up:
        os.dup2(nowhere, number, inheritable=False)
    os.close(nowhere)
    return len(given_up)


def _is_tcp(number: int) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        with socket.socket(fileno=os.dup(number)) as found:
            return found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
    except OSError:  # closed by now, such as the one that listed the folder
        return False
