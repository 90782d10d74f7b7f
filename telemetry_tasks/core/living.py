"""Which processes of a deployment are alive: each writes its kind to a board of the state every few seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

LIVING = "living"
"""The board's name."""
MOST = 5000
"""The most processes on the board."""
ALIVE = 30.0
"""A process that wrote nothing for so many seconds is not alive."""
OLD = 86400.0
"""A process that wrote nothing for so many seconds is forgotten."""

READY = "ready"
"""The process takes work."""
WAITING = "waiting"
"""The process runs, but has no broker: restarting it would not help."""

BEAT = "beat"
KINDS = ("control", "aggregate", "merge", "publish", BEAT)
"""The queues that need a worker, and the clock that sends the periodic tasks."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: live processes, how many of them wait for a broker, and when one was last seen.

    ``seen`` in seconds since 1970 by the state's clock; None if none was seen for a day.
    """

    alive: int = 0
    waiting: int = 0
    seen: float | None = None


class Line(Protocol):
    """What a process wrote: its status, when, and how many seconds ago."""

    @property
    def value(self) -> bytes: ...

    @property
    def at(self) -> float: ...

    @property
    def age(self) -> float: ...


def living_field(kind: str, process: str) -> str:
    """The name of a process's line."""
    return f"{kind} {process}"


def kinds(board: Mapping[str, Line]) -> dict[str, Kind]:
    """What a board says of each of ``KINDS``."""
    lines: dict[str, list[Line]] = {kind: [] for kind in KINDS}
    for field, line in board.items():
        lines.setdefault(field.partition(" ")[0], []).append(line)
    return {kind: _kind(lines[kind]) for kind in KINDS}


def _kind(lines: Sequence[Line]) -> Kind:
    words = [line.value for line in lines if line.age <= ALIVE]
    waiting = sum(word == WAITING.encode() for word in words)
    return Kind(len(words), waiting, max((line.at for line in lines), default=None))
