"""Flower, the monitoring page: ``python -m workers.flower``.

Whoever reaches it can stop workers, so it listens beyond this host only with a login.
"""

from ipaddress import ip_address

from telemetry_tasks.embedded.commands import flower_command, flower_environment
from workers.start import become, refuse, settings_or_exit


def is_loopback(address: str) -> bool:
    """Whether only this host can reach a server on the address; a name is not trusted to be."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def main() -> None:
    settings = settings_or_exit()
    login = settings.flower_login
    if login is None and not is_loopback(settings.flower_address):
        refuse(
            f"Flower would listen on {settings.flower_address} without a login: set TELEMETRY_FLOWER_LOGIN="
            "user:password, or TELEMETRY_FLOWER_ADDRESS=127.0.0.1"
        )
    command = flower_command(settings.flower_address, settings.flower_port, settings.flower_database)
    # without a login Flower shuts its API; on loopback it is as open as its pages
    open_api = {"FLOWER_UNAUTHENTICATED_API": "true"}
    become(command, flower_environment(login.get_secret_value()) if login else open_api)


if __name__ == "__main__":
    main()
