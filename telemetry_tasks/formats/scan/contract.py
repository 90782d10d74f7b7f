"""The interface of every scanner."""

from typing import Protocol

from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.formats.pings.files import Block
from telemetry_tasks.formats.pings.keys import PingKey


class Scanner(Protocol):
    """Adds lines to the accumulator it was made for. Not thread-safe."""

    def scan(self, key: PingKey, block: Block, counts: LineCounts) -> None:
        """Adds every line of ``block`` that is a ping, and counts all of them."""
        ...
