"""Which TCP connections several processes hold at once: by the inodes of their sockets in ``/proc``."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ESTABLISHED = "01"


def connections(pid: int) -> dict[int, int]:
    """The established TCP connections that a process holds: port of the other end by inode. None of one that ended."""
    try:
        held = {_inode(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()}
        table = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return {}
    ports = {}
    for line in table:
        fields = line.split()
        if fields[3] == ESTABLISHED and int(fields[9]) in held:
            ports[int(fields[9])] = int(fields[2].partition(":")[2], 16)
    return ports


def _inode(fd: Path) -> int | None:
    try:
        target = os.readlink(fd)
    except FileNotFoundError:
        return None
    return int(target[8:-1]) if target.startswith("socket:[") else None


def shared(pids: Iterable[int], ports: Iterable[int]) -> dict[int, list[int]]:
    """The processes of each connection to one of the ``ports`` that more than one holds, by inode."""
    wanted, holders = set(ports), defaultdict(list)
    for pid in pids:
        for inode, port in connections(pid).items():
            if port in wanted:
                holders[inode].append(pid)
    return {inode: found for inode, found in holders.items() if len(found) > 1}
