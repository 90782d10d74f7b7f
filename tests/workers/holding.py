"""The application with a task that lasts until it is told to end, and one that leaves a mark.

Run by ``celery -A tests.workers.holding worker``.
"""

import time
from pathlib import Path

from telemetry_tasks.app import app

__all__ = ["app"]

app.conf.task_routes = {**app.conf.task_routes, "hold": {"queue": "merge"}, "mark": {"queue": "merge"}}


@app.task(name="hold")
def hold(begun: str, end: str) -> None:
    """Creates the file ``begun`` and waits until there is one at ``end``."""
    Path(begun).touch()
    while not Path(end).exists():
        time.sleep(0.02)


@app.task(name="mark")
def mark(path: str) -> None:
    """Creates the file."""
    Path(path).touch()
