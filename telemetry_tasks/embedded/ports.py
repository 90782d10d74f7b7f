"""The ports of one machine's services: a block above one base, remembered beside the data.

A base B gives: B page, B+1 Flower, B+2 Redis for the broker, B+3 Redis for the state, B+4 to B+8 the S3
server's five services, each of which also listens on its port + 10000 (gRPC), B+9 the metrics. The block stays
below the range from which the kernel takes the ports of outgoing connections.
"""

import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from telemetry_tasks.errors import OperatorError

FIRST_BASE = 18080
LAST_BASE = 22580
STEP = 10
GRPC_OFFSET = 10000
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one `up`, all on loopback."""

    page: int
    flower: int
    redis_broker: int
    redis_state: int
    s3: int
    metrics: int

    @classmethod
    def from_base(cls, base: int) -> "Ports":
        return cls(
            page=base, flower=base + 1, redis_broker=base + 2, redis_state=base + 3, s3=base + 4, metrics=base + 9
        )

    def every(self) -> tuple[int, ...]:
        """Every port that will be listened on, the S3 server's gRPC ports included."""
        s3 = range(self.s3, self.s3 + 5)
        return (
            *(self.page, self.flower, self.redis_broker, self.redis_state, self.metrics),
            *s3,
            *(port + GRPC_OFFSET for port in s3),
        )


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose_ports(remembered: Path, base: int | None = None) -> Ports:
    """The ports above ``base``, else those remembered in the file, else the first free block; remembers them.

    Raises ``OperatorError`` when the asked ports are taken or there is no free block.
    """
    if base is not None:
        ports = _asked(base)
    else:
        bases = [*_bases(remembered), *range(FIRST_BASE, LAST_BASE, STEP)]
        found = next(_free_blocks(bases), None)
        if found is None:
            raise OperatorError(f"no free block of ports between {FIRST_BASE} and {LAST_BASE}: choose one with --port")
        ports = found
    remembered.write_text(json.dumps({"base": ports.page, **asdict(ports)}) + "\n")
    return ports


def _asked(base: int) -> Ports:
    if not 1024 <= base <= 65535 - GRPC_OFFSET - 9:
        raise OperatorError(f"--port {base}: choose one between 1024 and {65535 - GRPC_OFFSET - 9}")
    ports = Ports.from_base(base)
    taken = [port for port in ports.every() if not is_free(port)]
    if taken:
        raise OperatorError(
            f"port {taken[0]} is in use by another program; `up --port {base}` needs {base} to {base + 9} "
            f"and {ports.s3 + GRPC_OFFSET} to {ports.s3 + GRPC_OFFSET + 4}: choose another --port"
        )
    return ports


def _bases(remembered: Path) -> list[int]:
    if not remembered.exists():
        return []
    try:
        return [int(json.loads(remembered.read_text())["base"])]
    except (ValueError, KeyError, TypeError) as error:
        raise OperatorError(f"{remembered} is not what `up` wrote ({error}): remove it") from error


def _free_blocks(bases: Iterable[int]) -> Iterator[Ports]:
    return (ports for base in bases if all(map(is_free, (ports := Ports.from_base(base)).every())))
