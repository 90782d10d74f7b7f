"""The Celery application as Flower has it: ``celery -A telemetry_tasks.monitor flower``.

Flower sets up logging of its own, which shows what the other processes' hides: ``--logging=none`` keeps it from that.
"""

from telemetry_tasks.app import app
from telemetry_tasks.logs import configure_logging
from telemetry_tasks.settings import secret_values, settings

__all__ = ["app"]

configure_logging(settings().log_format, settings().log_level, secret_values(settings()))
