"""Every setting, read once at the edge into one frozen object. The only reader of the environment.

Each field is an environment variable ``TELEMETRY_<NAME>`` in upper case; ``docs/configuration.md`` is
generated from here. AWS credentials come from the usual places of boto3 (``AWS_ACCESS_KEY_ID``,
profiles, instance roles).
"""

from telemetry_tasks.settings.all import SECRETS, Settings
from telemetry_tasks.settings.environment import load_settings, settings
from telemetry_tasks.settings.foreign import celery_setting, celery_variables, refuse_celery_variables
from telemetry_tasks.settings.secrecy import hidden, secret_values

__all__ = [
    "SECRETS",
    "Settings",
    "celery_setting",
    "celery_variables",
    "hidden",
    "load_settings",
    "refuse_celery_variables",
    "secret_values",
    "settings",
]
