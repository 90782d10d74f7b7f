"""What one attempt at a partition may take. What needs more is tried file by file, then given up with its reason.

Seconds never decide what a file counts: they end an attempt, and only a file that is tried alone and ends late again
is given up, until ``retry-missing``.
"""

import time
from collections.abc import Callable

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.errors import TelemetryError

FILES_TOGETHER = 10
"""Files with as many measures, columns or rows as one may have that are added up at once."""


class OverBudget(TelemetryError):
    """An attempt took too much; the message says of what."""


class WorkBudget:
    """``seconds`` from now on, by ``clock``: of this process's processors, so that a slow store or a busy machine
    costs no file."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.process_time) -> None:
        self._seconds, self._clock, self._end = seconds, clock, clock() + seconds

    def check_time(self) -> None:
        """Raises ``OverBudget`` if the time is over."""
        if self._clock() > self._end:
            raise OverBudget(f"too-slow: it took more than {self._seconds:g} s of processor time")

    def check_size(self, measures: int, columns: int, rows: int, limits: Limits) -> None:
        """Raises ``OverBudget`` if the files together have more than one task should add up."""
        pairs = ((measures, limits.file_measures), (columns, limits.file_columns), (rows, limits.file_rows))
        if any(have > FILES_TOGETHER * most for have, most in pairs):
            raise OverBudget(f"too-much-together: {measures} measures, {columns} columns, {rows} rows")
