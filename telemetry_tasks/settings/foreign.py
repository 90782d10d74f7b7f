"""Celery's own variables. If one is set, Celery follows it and not our settings, so that a fleet and ``doctor`` could
use two different brokers."""

import re
from collections.abc import Mapping

from telemetry_tasks.errors import OperatorError

INSTEAD = {
    "CELERY_BROKER_URL": "TELEMETRY_BROKER_URL",
    "CELERY_BROKER_READ_URL": "TELEMETRY_BROKER_URL",
    "CELERY_BROKER_WRITE_URL": "TELEMETRY_BROKER_URL",
    "CELERY_BROKER": "TELEMETRY_BROKER_URL",
    "BROKER_URL": "TELEMETRY_BROKER_URL",
    "CELERY_RESULT_BACKEND": "TELEMETRY_RESULT_BACKEND",
    "RESULT_BACKEND": "TELEMETRY_RESULT_BACKEND",
    "CELERY_WORKER_CONCURRENCY": "TELEMETRY_WORKER_PROCESSES",
    "CELERY_WORKER_TIME_LIMIT": "TELEMETRY_TIME_LIMIT",
    "CELERY_WORKER_SOFT_TIME_LIMIT": "TELEMETRY_SOFT_TIME_LIMIT",
    "CELERY_WORKER_LOGLEVEL": "TELEMETRY_LOG_LEVEL",
    "CELERY_BEAT_LOGLEVEL": "TELEMETRY_LOG_LEVEL",
    "CELERY_BEAT_SCHEDULE": "TELEMETRY_BEAT_SCHEDULE",
}
"""The setting to use, if there is one."""

_READ = re.compile(r"CELERY_\w+|BROKER_URL|RESULT_BACKEND|LOADER|CONFIG_MODULE")
"""Every option of Celery's commands is a variable ``CELERY_…``, too; some have a short name beside it."""

_HARMLESS = re.compile(
    r"CELERY_LOG_(LEVEL|FILE|REDIRECT|REDIRECT_LEVEL)"  # set by Celery itself, for its children
    r"|CELERY_(\w+_)?(SERVICE_HOST|SERVICE_PORT\w*|PORT(_\d+_\w+)?)"  # set by Kubernetes for a Service named celery…
)


def celery_variables(environment: Mapping[str, str]) -> list[str]:
    """The names of those that are set, in order."""
    return sorted(
        name for name, value in environment.items() if value and _READ.fullmatch(name) and not _HARMLESS.fullmatch(name)
    )


def refuse_celery_variables(environment: Mapping[str, str]) -> None:
    """Raises ``OperatorError`` if one is set, with what to do, never with its value."""
    found = celery_variables(environment)
    if found:
        instead = ((name, celery_setting(name)) for name in found)
        advice = "; ".join(f"unset {name} and set {other}" if other else f"unset {name}" for name, other in instead)
        raise OperatorError(f"Celery would follow {', '.join(found)} and not the settings: {advice}")


def celery_setting(name: str) -> str | None:
    """The setting to use instead of the variable; None if there is none."""
    return INSTEAD.get(name)
