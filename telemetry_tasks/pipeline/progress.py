"""The progress of the running step, for display; by default nobody displays it.

A context variable and not an argument, like the names in log lines: reporting never changes the work.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from telemetry_tasks.core.partition import Partition

Item = TypeVar("Item")
Report = Callable[[int, int, str], None]
"""Told how much is done, of how much, and of what: ``3, 40, "measures"``. Called often, by one thread at a time."""

BYTES = "bytes"


def _nobody(done: int, total: int, what: str) -> None:
    """What is told to when nobody wants to know."""


_report: ContextVar[Report] = ContextVar("report", default=_nobody)


@contextmanager
def reporting(report: Report) -> Iterator[None]:
    """Calls ``report`` with the progress made in the block."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


def counted(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The same items, each reported when the next one is asked for."""
    report = _report.get()
    for done, item in enumerate(items):
        report(done, total, what)
        yield item


class BytesRead:
    """Counts the bytes of a partition's files as they are read; a file that is read again counts from its start."""

    def __init__(self, partition: Partition) -> None:
        self._report = _report.get()  # files are read in a thread, which has a context of its own
        self._total = sum(file.size for file in partition.files)
        self._done = 0
        self._of_file: dict[str, int] = {}

    def counted(self, key: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces of one file."""
        self._done -= self._of_file.get(key, 0)
        self._of_file[key] = 0
        for piece in pieces:
            self._done += len(piece)
            self._of_file[key] += len(piece)
            self._report(self._done, self._total, BYTES)
            yield piece
