"""What the doors share: this process's services, and names in every log line."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from telemetry_tasks.bootstrap import services
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import settings

log = structlog.get_logger("telemetry_tasks")


@contextmanager
def working(**names: str) -> Iterator[Services]:
    """This process's services; ``names`` are in every line that is logged meanwhile."""
    with structlog.contextvars.bound_contextvars(**names):
        yield services(settings())
