"""All settings in one frozen object."""

from pydantic import ConfigDict

from telemetry_tasks.settings.pings import Pings
from telemetry_tasks.settings.processes import Processes
from telemetry_tasks.settings.servers import Servers
from telemetry_tasks.settings.tuning import Tuning


# pydantic takes the fields from the last base to the first: the order of docs/configuration.md
class Settings(Processes, Tuning, Pings, Servers):
    """The settings of one deployment. Invalid ones raise ``OperatorError`` when they are loaded."""

    model_config = ConfigDict(defer_build=False)


SECRETS = frozenset(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))
"""Settings whose value may also be in a file, named by the variable with ``_FILE`` behind."""
