"""The sums of one file, within the limits of a file, in bounded memory whatever the file invents.

A file is cut to its limits while it is read, at places that its text alone decides: so the memory budget, the kernel
and the pieces in which it arrives change nothing.
"""

from collections import Counter
from collections.abc import Generator

import numpy as np

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.disclosure.file_limits import columns_of, cut
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import Run
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.pings.contract import FileKey, PingFormat
from telemetry_tasks.formats.pings.files import Block
from telemetry_tasks.pipeline.aggregate.work_budget import WorkBudget

STEP = 1 << 20
"""Bytes of text after which a file is held against its limits: some 100,000 names at most."""

NEWLINE = ord("\n")

BEFORE_CUT = 4
"""Times the limits that a file may hold before it is cut in the middle: names that come often are not lost early."""


class FileSums:
    """Adds the blocks of one file up. ``budget`` bounds the bytes of dense cells."""

    def __init__(self, key: FileKey, ping_format: PingFormat, limits: Limits, budget: int, kernel: str) -> None:
        self.channel_version = key.channel_version
        self._key, self._limits, self._budget = key, limits, budget
        self._accumulator = Accumulator()
        self._scanner = ping_format.scanner(self._accumulator, limits, kernel)
        self._packed: list[bytes] = []
        self._runs: set[Run] = set()
        self._rows: set[Row] = set()
        self._since = 0

    def add(self, block: Block, counts: LineCounts) -> None:
        """Adds the lines of a block; ``counts`` learns what they were, and what was cut."""
        for lines, is_step in self._steps(block):
            self._scanner.scan(self._key, lines, counts)
            if self._accumulator.full or self._accumulator.size > self._budget:
                self._pack()
            if is_step and self._may_be_beyond():
                self._pack()
                if self._is_beyond(BEFORE_CUT):
                    self._cut(counts.left_out)

    def _steps(self, block: Block) -> Generator[tuple[Block, bool], None, None]:
        """The block, cut after the first line that ends ``STEP`` bytes or more behind the last such place.

        A line that is too long counts as one byte more than the longest: whether ``blocks`` has cut it there depends
        on the pieces in which the file arrived.
        """
        text = bytes(block)
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE) + 1
        if not text.endswith(b"\n"):
            ends = np.append(ends, len(text))
        places = np.minimum(np.diff(ends, prepend=0), self._limits.line_bytes + 1).cumsum() + self._since
        begin = last = 0
        while (line := int(np.searchsorted(places, last + STEP))) < len(places):
            yield text[begin : ends[line]], True
            begin, last = int(ends[line]), int(places[line])
        self._since = int(places[-1]) - last
        if begin < len(text):
            yield text[begin:], False

    def _may_be_beyond(self) -> bool:
        """Whether it is worth counting exactly."""
        limits, new = self._limits, self._accumulator
        return (
            len(self._runs) + new.runs > BEFORE_CUT * limits.file_measures
            or len(self._rows) + new.rows > BEFORE_CUT * limits.file_rows
            or new.width > limits.file_columns
            or sum(run.width for run in self._runs) + new.width > BEFORE_CUT * limits.file_columns
        )

    def _is_beyond(self, times: int) -> bool:
        columns, limits = columns_of(self._runs), self._limits
        return (
            len(columns) > times * limits.file_measures
            or columns.total() > times * limits.file_columns
            or len(self._rows) > times * limits.file_rows
        )

    def _pack(self) -> None:
        cells = self._accumulator.take()
        if cells.rows:
            self._note(cells)
            self._packed.append(cells_format.encode(cells))

    def _note(self, cells: Cells) -> None:
        self._runs.update(cells.runs)
        self._rows.update(cells.rows)

    def _cut(self, left_out: Counter[str]) -> None:
        cells = cut(self._sum(), self._limits, left_out)
        self._packed = [cells_format.encode(cells)] if cells.rows else []
        self._runs, self._rows = set(), set()
        self._note(cells)

    def _sum(self) -> Cells:
        return add_cells([cells_format.decode(data) for data in self._packed])

    def take(self, counts: LineCounts) -> Cells:
        """The sum, cut to the limits."""
        self._pack()
        return cut(self._sum(), self._limits, counts.left_out)


class KeptCells:
    """The cells of files that were added up one by one, packed. ``work`` bounds what they may be together."""

    def __init__(self, limits: Limits, work: WorkBudget | None) -> None:
        self._limits, self._work, self._files = limits, work, 0
        self._packed: dict[str, list[bytes]] = {}
        self._runs: set[Run] = set()
        self._rows: set[Row] = set()

    def add(self, channel_version: str, cells: Cells) -> None:
        """Keeps the cells of a file. Raises ``OverBudget``."""
        if not cells.rows:
            return
        self._packed.setdefault(channel_version, []).append(cells_format.encode(cells))
        if self._work is not None:
            self._files += 1
            self._runs.update(cells.runs)
            self._rows.update(cells.rows)
            columns = columns_of(self._runs)
            if self._files > 1:
                self._work.check_size(len(columns), columns.total(), len(self._rows), self._limits)

    def take(self) -> dict[str, Cells]:
        """The sums."""
        return {
            name: add_cells([cells_format.decode(data) for data in packed])
            for name, packed in sorted(self._packed.items())
        }
