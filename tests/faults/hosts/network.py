"""Hosts of a network of its own: namespaces on a bridge, with a cable each.

The servers' host is the namespace that this process is in, which has to be a new one (``in_own_network``): so nothing
of the machine's network is touched, and all of it is gone with the processes. Neither needs root where the kernel
lets users have namespaces.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import dying_with_us

SERVERS = "10.77.0.1"
"""Address of the host with Redis and the object store."""

BRIDGE = "bridge"
NEEDED = ("ip", "unshare", "nsenter")


class NoNamespaces(Exception):
    """This machine has none; the message says what is missing."""


def in_own_network(command: Sequence[str]) -> list[str]:
    """The command as one that runs in a new network. Raises ``NoNamespaces`` where that cannot be."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent:
        raise NoNamespaces(f"{', '.join(absent)} not found; on Debian: apt-get install iproute2 util-linux")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    prefix = ["unshare", *user, "--net", "--"]
    tried = subprocess.run([*prefix, "ip", "link", "add", BRIDGE, "type", "bridge"], capture_output=True, text=True)
    if tried.returncode:
        raise NoNamespaces(
            f"the kernel refuses a network namespace with a bridge ({tried.stderr.strip()}): run the tests as root, "
            "or allow users namespaces (sysctl kernel.unprivileged_userns_clone=1); in a container it takes "
            "the capability SYS_ADMIN"
        )
    return [*prefix, *command]


class Host:
    """One of the hosts. ``prefix`` before a command has it run there."""

    def __init__(self, number: int) -> None:
        self.name = f"host-{number}"
        self.address = f"10.77.0.{number + 1}"
        self._holder = subprocess.Popen(dying_with_us(["unshare", "--net", "--", "sleep", "infinity"]))
        self._wait_for_namespace()
        self.prefix = ("nsenter", f"--target={self._holder.pid}", "--net", "--")
        _ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", str(self._holder.pid))
        _ip("link", "set", self.name, "master", BRIDGE)
        for command in ("link set lo up", f"address add {self.address}/24 dev eth0", "link set eth0 up"):
            subprocess.run([*self.prefix, "ip", *command.split()], check=True)
        self.plug()

    def plug(self) -> None:
        """Its cable is in."""
        _ip("link", "set", self.name, "up")

    def pull(self) -> None:
        """Its cable is out: nothing comes, what is sent is dropped, and no connection hears of it."""
        _ip("link", "set", self.name, "down")

    def reaches(self, port: int) -> bool:
        """Whether a connection from there to the servers' host comes about."""
        code = f"import socket; socket.create_connection(({SERVERS!r}, {port}), 5)"
        return subprocess.run([*self.prefix, sys.executable, "-c", code], capture_output=True).returncode == 0

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()

    def _wait_for_namespace(self) -> None:
        ours = os.readlink("/proc/self/ns/net")
        theirs = Path(f"/proc/{self._holder.pid}/ns/net")
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                if os.readlink(theirs) != ours and Path(f"/proc/{self._holder.pid}/comm").read_text() == "sleep\n":
                    return
            assert time.monotonic() < deadline, "no namespace"
            time.sleep(0.05)


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """As many hosts beside this one, which is at ``SERVERS``."""
    _ip("link", "set", "lo", "up")
    _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("address", "add", f"{SERVERS}/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")
    with contextlib.ExitStack() as stack:
        made = []
        for number in range(1, count + 1):
            made.append(Host(number))
            stack.callback(made[-1].close)
        yield made


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
