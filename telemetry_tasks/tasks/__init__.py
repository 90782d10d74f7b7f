"""Celery tasks: each is a door to one pipeline step. Messages carry keys, never data, and may come twice."""

from telemetry_tasks.tasks import aggregating, control, intake, measuring, merging, publishing, reprocessing, tracing

__all__ = ["aggregating", "control", "intake", "measuring", "merging", "publishing", "reprocessing", "tracing"]
