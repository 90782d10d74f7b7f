"""A short lease that is renewed while its work runs: a dead holder is noticed soon, a slow one keeps it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from telemetry_tasks.errors import TelemetryError

log = structlog.get_logger()
A_LEASE = 4
"""Renewals in the time of a lease: some may fail."""


@contextmanager
def renewing(renew: Callable[[], object], lease: float) -> Iterator[None]:
    """Calls ``renew`` from a thread, ``A_LEASE`` times in ``lease`` seconds, until the block ends.

    A failed renewal is logged, and the next one tries again. A process that is killed or stopped does not renew. A
    lease of zero seconds is not renewed.
    """
    if lease <= 0:
        yield
        return
    over = threading.Event()

    def again_and_again() -> None:
        while not over.wait(lease / A_LEASE):
            try:
                renew()
            except TelemetryError as error:
                log.warning("lease not renewed", reason=str(error))

    thread = threading.Thread(target=again_and_again, name="renewing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
