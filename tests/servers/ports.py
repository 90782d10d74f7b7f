"""Free TCP ports for servers of tests.

Ports are taken below the range that the kernel hands out to outgoing connections (32768 and up on Linux),
with room for SeaweedFS, which opens ``port + 10000`` for gRPC beside each of its ports. Nobody can reserve a
port for a process that is yet to start, so servers must retry with others when they fail to come up.
"""

import random
import socket

HOST = "127.0.0.1"
GRPC_OFFSET = 10_000
LOWEST, HIGHEST = 12_000, 22_000

_random = random.Random()  # seeded by the system: parallel runs must not draw the same ports
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could bind ``port`` on the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """One free port."""
    return free_ports(1)[0]


def free_ports(count: int, *, grpc: bool = False) -> list[int]:
    """``count`` free ports in a row, never given before by this process; with ``grpc`` also ``+ 10000``."""
    for _ in range(1000):
        first = _random.randrange(LOWEST, HIGHEST - count)
        ports = list(range(first, first + count))
        wanted = ports + [port + GRPC_OFFSET for port in ports] if grpc else ports
        if _given.isdisjoint(ports) and all(is_free(port) for port in wanted):
            _given.update(ports)
            return ports
    raise RuntimeError(f"no {count} consecutive free ports between {LOWEST} and {HIGHEST}")
