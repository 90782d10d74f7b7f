"""Sums of pings by channel/version, within a budget of memory: the largest is packed when it is reached."""

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.disclosure.file_limits import is_beyond
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import Run
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.pings.contract import FileKey, PingFormat, Scanner
from telemetry_tasks.formats.pings.files import Block

MEMORY_BUDGET = 200 << 20

ENOUGH = 8
"""Times the limits of one file: runs and rows after which nothing else is read to see that it is beyond them."""


class BeyondLimits(Exception):
    """Some file may have added more than a file may: each has to be added up alone."""


class ChannelSums:
    """Adds blocks of lines up. ``budget`` bounds the bytes of dense cells; packed ones take a tenth or less."""

    def __init__(self, ping_format: PingFormat, limits: Limits, budget: int, kernel: str) -> None:
        self._format, self._limits, self._budget, self._kernel = ping_format, limits, budget, kernel
        self._open: dict[str, tuple[Accumulator, Scanner]] = {}
        self._packed: dict[str, list[bytes]] = {}
        self._runs: set[Run] = set()
        self._rows: set[Row] = set()

    def add(self, key: FileKey, block: Block, counts: LineCounts) -> None:
        """Adds the lines of a block; ``counts`` learns what they were.

        Raises ``BeyondLimits`` if the files have so many distinct runs that going on is pointless.
        """
        name = key.channel_version
        if name not in self._open:
            accumulator = Accumulator()
            made = self._format.scanner(accumulator, self._limits, self._kernel)
            self._open[name] = accumulator, made
        accumulator, reader = self._open[name]
        reader.scan(key, block, counts)
        if accumulator.runs > ENOUGH * self._limits.file_measures:
            raise BeyondLimits
        if accumulator.full:
            self._pack(name)
        while self.size > self._budget:
            self._pack(max(self._open, key=lambda each: self._open[each][0].size))

    @property
    def size(self) -> int:
        """Bytes of dense cells."""
        return sum(each.size for each, _ in self._open.values())

    def _pack(self, name: str) -> None:
        accumulator, _ = self._open.pop(name)
        cells = accumulator.take()
        if cells.rows:
            self._packed.setdefault(name, []).append(cells_format.encode(cells))
            self._note(cells)

    def _note(self, cells: Cells) -> None:
        self._runs.update(cells.runs)
        self._rows.update(cells.rows)
        most = self._limits
        if len(self._rows) > ENOUGH * most.file_rows or len(self._runs) > ENOUGH * most.file_measures:
            raise BeyondLimits

    def take(self) -> dict[str, Cells]:
        """The sums, those without a ping left out. Nothing is kept.

        Raises ``BeyondLimits`` if a channel/version has more than one file may add.
        """
        found = {name: self._sum(name) for name in sorted({*self._open, *self._packed})}
        if any(is_beyond(cells, self._limits) for cells in found.values()):
            raise BeyondLimits
        return {name: cells for name, cells in found.items() if cells.rows}

    def _sum(self, name: str) -> Cells:
        parts = [cells_format.decode(data) for data in self._packed.pop(name, ())]
        if name in self._open:
            parts.append(self._open.pop(name)[0].take())
        return add_cells(parts)
