"""What the doors share: this process's services, and names in every log line."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

import structlog

from telemetry_tasks.bootstrap import services
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.progress import reporting
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import settings
from telemetry_tasks.tasks.progress import of_current_task

log = structlog.get_logger("telemetry_tasks")
given_back: ContextVar[bool] = ContextVar("given_back", default=False)
"""Whether the running task could not do its work because the infrastructure was away; for its metric."""


@contextmanager
def working(**names: str) -> Iterator[Services]:
    """This process's services; ``names`` are in every line that is logged meanwhile, and progress goes to Flower."""
    with ExitStack() as stack:
        stack.enter_context(structlog.contextvars.bound_contextvars(**names))
        if report := of_current_task():
            stack.enter_context(reporting(report))
        yield services(settings())


def give_back(what: str, error: InfrastructureError) -> None:
    """Says why a task leaves its work to a later one, and notes it for the task's outcome."""
    given_back.set(True)
    log.warning(what, reason=str(error))
