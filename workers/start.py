"""Becomes a Celery process: what the entry points of this folder share."""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from telemetry_tasks.embedded.commands import WORKER_ENVIRONMENT, worker_command
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import Settings, load_settings


def settings_or_exit() -> Settings:
    """The settings; one line and exit code 2 when they are not valid."""
    try:
        return load_settings()
    except OperatorError as error:
        refuse(str(error))


def refuse(message: str) -> NoReturn:
    """Ends the process with a line that says what to do."""
    print(message, file=sys.stderr)
    sys.exit(2)


def become(command: tuple[str, ...], environment: Mapping[str, str] | None = None) -> NoReturn:
    """Replaces this process, so that signals reach the program itself."""
    sys.stdout.flush()
    os.execvpe(command[0], command, {**os.environ, **(environment or {})})


def become_worker(queue: str) -> NoReturn:
    """A worker for one queue; several may run on a host, so their names hold the process id."""
    settings = settings_or_exit()
    processes = settings.worker_processes or os.cpu_count() or 1
    command = worker_command(f"{queue}.{os.getpid()}@%h", (queue,), processes, log_level=settings.log_level)
    become(command, WORKER_ENVIRONMENT)
