"""Signals as something to wait for: one pipe that wakes the main thread for a child's end or a Ctrl-C."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
READ_BYTES = 4096


class Interruptions:
    """``count`` is how often this process was asked to stop. Main thread only."""

    def __init__(self) -> None:
        self.count = 0
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)

    @contextmanager
    def watched(self) -> Iterator["Interruptions"]:
        """Takes SIGINT, SIGTERM, SIGHUP and SIGCHLD over, and gives them back."""
        watched = (*STOPPING, signal.SIGCHLD)
        before = {number: signal.signal(number, _only_wake) for number in watched}
        before_fd = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(before_fd)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._read_end)
            os.close(self._write_end)

    def wait(self, seconds: float | None) -> None:
        """Until a signal comes, at most ``seconds`` (None: as long as it takes)."""
        readable, _, _ = select.select([self._read_end], [], [], seconds)
        if readable:
            numbers = os.read(self._read_end, READ_BYTES)
            self.count += sum(number in STOPPING for number in numbers)


def _only_wake(_number: int, _frame: object) -> None:
    """The wakeup descriptor tells everything; without a handler nothing would be written to it."""
