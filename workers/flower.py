"""Flower, the monitoring page: ``python -m workers.flower``.

Anyone who reaches it can stop workers, so it listens beyond this host only with a login or OAuth.
"""

import os
from importlib.util import find_spec
from ipaddress import ip_address

from telemetry_tasks.embedded.commands import (
    FLOWER_ACCESS,
    FLOWER_ARGUMENTS,
    flower_command,
    flower_environment,
    flower_oauth_environment,
)
from telemetry_tasks.settings import Settings
from workers.start import become, celery_settings_or_exit, refuse


def is_loopback(address: str) -> bool:
    """Whether only this host can reach a server on the address; a name is not trusted to be."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def access(settings: Settings) -> dict[str, str] | None:
    """The part of Flower's environment that says who may come in; None for anybody."""
    if settings.flower_oauth_provider:
        secret = settings.flower_oauth_secret
        return flower_oauth_environment(
            settings.flower_oauth_provider,
            settings.flower_oauth_key or "",
            secret.get_secret_value() if secret else "",
            settings.flower_oauth_redirect or "",
            settings.flower_oauth_emails or "",
        )
    return flower_environment(settings.flower_login.get_secret_value()) if settings.flower_login else None


def main() -> None:
    if find_spec("flower") is None:
        refuse(
            "Flower is not installed: pip install 'telemetry-tasks[flower]' (in a clone: pip install -e '.[flower]'), "
            "or remove its line from the Procfile, because honcho ends all processes if one ends"
        )
    settings = celery_settings_or_exit()
    foreign = [name for name in FLOWER_ACCESS if os.environ.get(name)]
    if foreign:
        refuse(
            f"Flower would follow {', '.join(foreign)} and not the settings: unset them, and set "
            "TELEMETRY_FLOWER_LOGIN or TELEMETRY_FLOWER_OAUTH_PROVIDER"
        )
    allowed = access(settings)
    if allowed is None and not is_loopback(settings.flower_address):
        refuse(
            f"Flower would listen on {settings.flower_address} without a login: set TELEMETRY_FLOWER_LOGIN="
            "user:password, or TELEMETRY_FLOWER_OAUTH_PROVIDER, or TELEMETRY_FLOWER_ADDRESS=127.0.0.1"
        )
    command = flower_command(settings.flower_address, settings.flower_port, settings.flower_database)
    # without a login Flower shuts its API; on loopback it is as open as its pages
    become(command, {**FLOWER_ARGUMENTS, **(allowed or {"FLOWER_UNAUTHENTICATED_API": "true"})})


if __name__ == "__main__":
    main()
