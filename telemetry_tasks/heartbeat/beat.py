"""The heartbeat of beat: each look at its schedule is one."""

from typing import Any

from celery.beat import PersistentScheduler

from telemetry_tasks.heartbeat.file import INTERVAL, READY, HeartbeatFile
from telemetry_tasks.settings import settings


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, which touches ``TELEMETRY_HEARTBEAT``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        path = settings().heartbeat
        self._heartbeat = HeartbeatFile(path) if path else None
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Sends what is due; seconds until the next look."""
        pause: float = super().tick(*arguments, **options)
        if self._heartbeat:
            self._heartbeat.beat(READY)
        return min(pause, INTERVAL)
