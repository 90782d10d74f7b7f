"""Celery: variables that it would follow instead of the settings, the keys it uses, the user it runs as."""

import os
from collections.abc import Iterator, Mapping

from telemetry_tasks.cli.checks.check import NOTE, OK, WRONG, Check
from telemetry_tasks.embedded.commands import FLOWER_ACCESS
from telemetry_tasks.settings import Settings, celery_setting, celery_variables

SUBJECT = "Celery"


def check_celery(settings: Settings) -> Iterator[Check]:
    """All of it, for this process's environment."""
    yield from check_environment(os.environ)
    yield Check(
        SUBJECT,
        OK,
        f"queues and results begin with {settings.broker_prefix}; deployments that share a Redis need different "
        "TELEMETRY_REDIS_PREFIX",
    )
    if os.geteuid() == 0:
        yield Check(SUBJECT, NOTE, "this user is root", "run workers as a user of their own")


def check_environment(environment: Mapping[str, str]) -> Iterator[Check]:
    """One check that is wrong for each variable that workers, beat or Flower refuse."""
    for name in celery_variables(environment):
        instead = celery_setting(name)
        remedy = f"unset it and set {instead}" if instead else "unset it"
        yield Check(SUBJECT, WRONG, f"{name} is set: Celery would follow it and not the settings", remedy)
    for name in FLOWER_ACCESS:
        if environment.get(name):
            remedy = "unset it and set TELEMETRY_FLOWER_LOGIN or TELEMETRY_FLOWER_OAUTH_PROVIDER"
            yield Check("Flower", WRONG, f"{name} is set: Flower would follow it and not the settings", remedy)
