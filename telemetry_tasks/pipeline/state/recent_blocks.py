"""Cache of blocks of cells that were just packed, so that reading them back needs no unpacking."""

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.formats import cells as cells_format

MOST = 4 << 20
"""Packed bytes that are kept: some 40 MiB of cells. Small channel/versions fit, large ones go block by block."""


class RecentBlocks:
    """What a compaction hands to the publish that follows it. A block is given out once."""

    def __init__(self, most: int = MOST) -> None:
        self._room = most
        self._cells: dict[bytes, Cells] = {}

    def keep(self, body: bytes, cells: Cells) -> None:
        """Keeps what ``body`` unpacks to, while there is room."""
        if len(body) <= self._room and body not in self._cells:
            self._room -= len(body)
            self._cells[body] = cells

    def unpacked(self, body: bytes) -> Cells:
        """The cells of a packed block. Raises ``DataError`` ``bad-cells``."""
        kept = self._cells.pop(body, None)
        if kept is None:
            return cells_format.decode(body)
        self._room += len(body)
        return kept
