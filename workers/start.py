"""Becomes a Celery process: what the entry points of this folder share."""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from telemetry_tasks.embedded.commands import WORKER_ENVIRONMENT, worker_command
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import Settings, load_settings, refuse_celery_variables


def settings_or_exit() -> Settings:
    """The settings; one line and exit code 2 when they are not valid."""
    try:
        return load_settings()
    except OperatorError as error:
        refuse(str(error))


def celery_settings_or_exit() -> Settings:
    """The settings for a process of Celery's, which must not follow variables of Celery's own."""
    settings = settings_or_exit()
    try:
        refuse_celery_variables(os.environ)
    except OperatorError as error:
        refuse(str(error))
    return settings


def refuse(message: str) -> NoReturn:
    """Ends the process with a line that says what to do."""
    print(message, file=sys.stderr)
    sys.exit(2)


def become(command: tuple[str, ...], environment: Mapping[str, str | None] | None = None) -> NoReturn:
    """Replaces this process, so that signals reach the program itself. None in ``environment`` removes a variable."""
    sys.stdout.flush()
    whole = {**os.environ, **(environment or {})}
    os.execvpe(command[0], command, {name: value for name, value in whole.items() if value is not None})


def become_worker(queue: str) -> NoReturn:
    """A worker for one queue; several may run on a host, so their names hold the process id."""
    settings = celery_settings_or_exit()
    processes = settings.worker_processes or os.cpu_count() or 1
    command = worker_command(f"{queue}.{os.getpid()}@%h", (queue,), processes, log_level=settings.log_level)
    become(command, WORKER_ENVIRONMENT)
