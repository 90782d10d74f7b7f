"""The Celery application as beat has it: ``celery -A telemetry_tasks.clock beat``.

Beat sends tasks by their names: without their code it starts in half the time, and needs half the memory.
"""

from telemetry_tasks.app import app

__all__ = ["app"]

app.conf.imports = ()
