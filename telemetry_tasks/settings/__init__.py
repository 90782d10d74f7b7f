"""Every setting, read once at the edge into one frozen object. The only reader of the environment.

Each field is an environment variable ``TELEMETRY_<NAME>`` in upper case; ``docs/configuration.md`` is
generated from here. AWS credentials come from the usual places of boto3 (``AWS_ACCESS_KEY_ID``,
profiles, instance roles).
"""

from telemetry_tasks.settings.environment import hidden, load_settings, settings
from telemetry_tasks.settings.whole import SECRETS, Settings

__all__ = ["SECRETS", "Settings", "hidden", "load_settings", "settings"]
