"""The heartbeat of beat: each look at its schedule is one."""

from typing import Any

from celery.beat import PersistentScheduler

from telemetry_tasks.core.living import BEAT, READY
from telemetry_tasks.heartbeat.file import INTERVAL, HeartbeatFile
from telemetry_tasks.heartbeat.living import Living
from telemetry_tasks.settings import settings


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, which touches ``TELEMETRY_HEARTBEAT`` and tells the state that it lives."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        path = settings().heartbeat
        self._heartbeat = HeartbeatFile(path) if path else None
        self._living = Living(settings())
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Sends what is due; seconds until the next look."""
        pause: float = super().tick(*arguments, **options)
        if self._heartbeat:
            self._heartbeat.beat(READY)
        self._living.tell((BEAT,), READY)
        return min(pause, INTERVAL)
