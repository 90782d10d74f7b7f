"""The heartbeat of beat: each look at its schedule is one."""

from typing import Any

import structlog
from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError

from telemetry_tasks.core.living import BEAT, READY
from telemetry_tasks.heartbeat.file import INTERVAL, HeartbeatFile
from telemetry_tasks.heartbeat.living import Living
from telemetry_tasks.settings import settings

log = structlog.get_logger("telemetry_tasks")


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

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Sends a task; if the broker does not accept it, logs one line, instead of Celery's traceback for each."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            log.error("a task is not sent: it is sent again when it is next due", reason=str(error)[:300])
