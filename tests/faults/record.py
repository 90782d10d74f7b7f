"""What a case did, to whom, and how long the recovery took: printed, and collected into one table."""

import time
from collections import Counter
from typing import Any


class Record:
    """One row of the table of cases. ``row`` is kept up to date and goes with the test's report."""

    def __init__(self, case: str, title: str, seed: int) -> None:
        self.row: dict[str, Any] = {"case": case, "title": title, "seed": seed, "partitions": 0, "recovery": None}
        self._faults: Counter[str] = Counter()
        self._last_fault: float | None = None
        self._began = time.monotonic()

    def partitions(self, count: int) -> None:
        self.row["partitions"] = count

    def fault(self, what: str, times: int = 1) -> None:
        """Notes a fault that was just injected, or has just ended."""
        self._faults[what] += times
        self._last_fault = time.monotonic()
        self.row["faults"] = ", ".join(f"{count} × {what}" for what, count in self._faults.items())
        print(f"  {self.seconds():6.1f} s  {what}", flush=True)

    @property
    def faults(self) -> int:
        """How many so far."""
        return self._faults.total()

    def note(self, text: str) -> None:
        """Something measured that the table should say."""
        self.row["notes"] = "; ".join(filter(None, (self.row.get("notes"), text)))
        print(f"  {self.seconds():6.1f} s  {text}", flush=True)

    def recovered(self) -> None:
        """All is as it should be: the time since the last fault is that of the recovery."""
        began = self._last_fault or self._began
        self.row["recovery"] = round(time.monotonic() - began, 1)
        print(f"  {self.seconds():6.1f} s  complete, {self.row['recovery']} s after the last fault", flush=True)

    def seconds(self) -> float:
        """Since the case began."""
        return time.monotonic() - self._began
