"""The clock that sends the periodic tasks: ``python -m workers.beat``, once in a fleet."""

from telemetry_tasks.embedded.commands import beat_command
from workers.start import become, celery_settings_or_exit

if __name__ == "__main__":
    settings = celery_settings_or_exit()
    become(beat_command(settings.beat_schedule, log_level=settings.log_level))
