"""Whoever sleeps for longer than the grace time finds that what it reads was collected as garbage meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry_tasks.errors import InfrastructureError, NotFound


@contextmanager
def overtaken(what: str) -> Iterator[None]:
    """Runs a block that reads what may be collected. Raises ``InfrastructureError`` where it was: to be done anew."""
    try:
        yield
    except NotFound as error:
        raise InfrastructureError(f"{what} came too late, something of it was collected meanwhile: {error}") from error
