"""The application with tasks that fail over what a task has in reach: settings with their secrets, and a ping.

Run by ``celery -A tests.workers.throwing worker``.
"""

import os

from telemetry_tasks.app import app
from telemetry_tasks.bootstrap import services
from telemetry_tasks.settings import settings

__all__ = ["app"]

PING = '{"clientID": "c0ffee-of-a-client"}'
app.conf.task_routes = {**app.conf.task_routes, "throw": {"queue": "merge"}, "throw_chained": {"queue": "merge"}}


@app.task(name="throw")
def throw() -> None:
    """Fails with secrets in variables only."""
    line = PING
    address, key = settings().broker_address, os.environ["AWS_SECRET_ACCESS_KEY"]
    state = services(settings()).state
    raise RuntimeError(len((line, address, key, state)))


@app.task(name="throw_chained")
def throw_chained() -> None:
    """Fails with secrets in its message, and in that of its cause."""
    try:
        raise ValueError(settings().state_address)
    except ValueError as error:
        raise OSError(f"login {os.environ['AWS_SECRET_ACCESS_KEY']} to {settings().broker_address}") from error
