"""A reader paused for longer than the grace time may find its objects garbage-collected."""

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry_tasks.errors import InfrastructureError, NotFound


@contextmanager
def overtaken(what: str) -> Iterator[None]:
    """Runs a block that reads collectable objects. Raises ``InfrastructureError`` (retry) if one was collected."""
    try:
        yield
    except NotFound as error:
        raise InfrastructureError(
            f"{what} was too slow: an object that it reads was garbage-collected: {error}"
        ) from error
