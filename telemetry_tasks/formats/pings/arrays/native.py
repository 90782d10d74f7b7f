"""The scanner in C, and its calls to Python: for columns, rows, arrays and unusual lines."""

import json
import math

import numpy as np

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.histograms import histogram_run
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts, name_fault
from telemetry_tasks.core.shapes import Run
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.arrays import _native
from telemetry_tasks.formats.pings.arrays.json_line import add_line
from telemetry_tasks.formats.pings.arrays.lines import ArrayLines
from telemetry_tasks.formats.pings.contract import FileKey
from telemetry_tasks.formats.pings.files import Block


class NativeScanner:
    """See ``Scanner``. Has only the rules for the calls of ``csrc/scanner.c``, which keeps the answers."""

    def __init__(self, accumulator: Accumulator, lines: ArrayLines, limits: Limits) -> None:
        self._accumulator, self._format, self._limits = accumulator, lines, limits
        self._generation = accumulator.generation
        self._key: FileKey | None = None
        self._scanner = _native.Scanner(
            lines.info.encode(),
            lines.histograms.encode(),
            lines.measurements.encode(),
            tuple(field.encode() for field in lines.info_fields),
            math.log,
            simple.BOUNDS,
            limits.line_bytes,
            limits.array_length,
            limits.histograms,
            limits.measurements,
        )

    def scan(self, key: FileKey, block: Block, counts: LineCounts) -> None:
        """See ``Scanner``."""
        if self._accumulator.generation != self._generation:
            self._generation = self._accumulator.generation
            self._scanner.forget()
        if key != self._key:
            self._key = key
            self._scanner.forget_rows()
        added, no_numbers = self._scanner.scan(
            _Asked(self._accumulator, self._format, self._limits, key, counts), block
        )
        self._accumulator.pings += added
        counts.good += added
        if no_numbers:
            counts.left_out["simple-no-number"] += no_numbers


class _Asked:
    """Answers the scanner's calls while it reads one block."""

    def __init__(
        self, accumulator: Accumulator, lines: ArrayLines, limits: Limits, key: FileKey, counts: LineCounts
    ) -> None:
        self._accumulator, self._format, self._limits = accumulator, lines, limits
        self._key, self._counts = key, counts

    def run(self, name: str, length: int, unknown: int) -> tuple[int, int] | None:
        """First column and first slot of a histogram; None if its name is invalid."""
        return self._columns_of(histogram_run(name, length, unknown))

    def simple_run(self, name: str, sub: str | None) -> tuple[int, int] | None:
        """The same of a simple measurement."""
        return self._columns_of(simple.run_of(simple.measure_name(name, sub)))

    def _columns_of(self, run: Run) -> tuple[int, int] | None:
        if name_fault(run.measure, self._limits):
            return None
        return self._accumulator.first_column(run), self._accumulator.slot(run)

    def row(self, info: bytes) -> int:
        """The row of a ping with this ``info``; −1 if the line is bad."""
        try:
            return self._accumulator.row(self._format.checked_row(self._key, json.loads(info), self._limits))
        except DataError as error:
            self._counts.bad[error.reason] += 1
            return -1

    def arrays(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """The arrays to which the row's numbers are added."""
        return self._accumulator.arrays(index)

    def line(self, line: bytes) -> None:
        """Adds a line that needs the slow path."""
        add_line(self._accumulator, self._format, self._key, line, self._limits, self._counts)
