"""What the doors share: this process's services, and names in every log line."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

import structlog
from celery import current_task

from telemetry_tasks.bootstrap import services
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.pipeline.progress import reporting
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import settings
from telemetry_tasks.tasks.failures import remember
from telemetry_tasks.tasks.flower_progress import of_current_task

log = structlog.get_logger("telemetry_tasks")
NEXT_ATTEMPT = 60
"""Seconds until a task whose child was killed is retried, if its attempts are counted.

If a host runs out of memory and kills all children, the attempts must not be used up within seconds.
"""

given_back: ContextVar[bool] = ContextVar("given_back", default=False)
"""Whether the running task could not do its work because the infrastructure was away; for its metric."""


class OutOfMemory(Exception):
    """A task needed more memory than there was. No ``MemoryError``: for one Celery ends the whole worker."""


@contextmanager
def working(**names: str) -> Iterator[Services]:
    """This process's services; ``names`` are in every line logged in the block, and progress goes to Flower."""
    with ExitStack() as stack:
        stack.enter_context(structlog.contextvars.bound_contextvars(**names))
        if report := of_current_task():
            stack.enter_context(reporting(report))
        try:
            yield services(settings())
        except MemoryError as error:
            raise OutOfMemory("the task needs more memory than this process may have") from error


def give_back(what: str, error: TelemetryError) -> None:
    """Says why a task leaves its work to a later one, and notes it for the task's outcome and for ``status``."""
    given_back.set(True)
    log.warning(what, reason=str(error))
    remember(current_task.name if current_task else what, error)


def failed(what: str, error: Exception) -> None:
    """Says that one of several could not be worked on: it holds up no other, and nobody may miss that it failed."""
    if isinstance(error, TelemetryError):
        give_back(what, error)
        return
    given_back.set(True)
    log.error(what, exc_info=error)
    remember(current_task.name if current_task else what, error)
