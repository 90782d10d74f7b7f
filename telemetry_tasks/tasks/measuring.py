"""Every task's run time and outcome, added to the sums in Redis when it ends; and its names in every log line.

Sums and not Celery's events: they stay exact if the monitor restarts, and need no monitor.
"""

import inspect
import time
from typing import Any

import structlog
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery.signals import task_failure, task_internal_error, task_postrun, task_prerun

from telemetry_tasks.bootstrap import services
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.metrics import ARGUMENTS, REFUSED, TASK_SECONDS, counted, observed
from telemetry_tasks.settings import settings
from telemetry_tasks.tasks.context import given_back, log
from telemetry_tasks.tasks.failures import met, remember, remember_from_parent, went_well

NAMED = ("channel_version", "partition", "batch", "job", "stamp")
OUTCOMES = {"SUCCESS": "succeeded", "RETRY": "retried"}
_began: dict[str, float] = {}


@task_prerun.connect
def _begin(task_id: str, task: Any, args: tuple[Any, ...], kwargs: dict[str, Any], **_: object) -> None:
    given_back.set(False)
    met.set(False)
    _began[task_id] = time.monotonic()
    names = names_of(task.run, args, kwargs)
    if names is None:
        services(settings()).state.counters.add(counted(REFUSED, 1, ARGUMENTS))
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, **(names or {}))


@task_postrun.connect
def _end(
    task_id: str, task: Any, args: tuple[Any, ...], kwargs: dict[str, Any], state: str | None = None, **_: object
) -> None:
    structlog.contextvars.unbind_contextvars("task", "task_id", *NAMED)
    began = _began.pop(task_id, None)
    if began is None:
        return
    outcome = "given_back" if given_back.get() else OUTCOMES.get(state or "", "failed")
    services(settings()).state.counters.add(observed(TASK_SECONDS, [time.monotonic() - began], task.name, outcome))
    if outcome == "succeeded" and not met.get():
        went_well(task.name, names_of(task.run, args, kwargs) or {})


@task_failure.connect
def _say(sender: Any, exception: BaseException, args: Any, kwargs: Any, **_: object) -> None:
    """What a person has to fix is one line; Celery shows no traceback of what a task is expected to throw.

    A task that was killed tells nothing any more: then the signal comes in the parent of its process.
    """
    names = names_of(sender.run, args, kwargs)
    if names is None:  # counted as refused; it does no work
        return
    if isinstance(exception, TimeLimitExceeded | WorkerLostError):
        remember_from_parent(sender.name, exception, names)
        return
    if isinstance(exception, TelemetryError):
        log.error("failed", reason=str(exception))
    remember(sender.name, exception, names)


@task_internal_error.connect
def _count_no_mapping(kwargs: object, **_: object) -> None:
    """Invalid keyword arguments make Celery itself raise, before any task begins."""
    if not isinstance(kwargs, dict):
        services(settings()).state.counters.add(counted(REFUSED, 1, ARGUMENTS))


def names_of(run: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, str] | None:
    """The arguments that name what a task works on. None if they do not fit: the task refuses them."""
    try:
        given = inspect.signature(run).bind(*args, **kwargs).arguments
    except TypeError:
        return None
    return {name: given[name] for name in NAMED if isinstance(given.get(name), str)}
