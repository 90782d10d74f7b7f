"""The dashboard page and the published data over HTTP: ``python -m workers.page``."""

from telemetry_tasks.embedded.commands import page_command
from workers.start import become, settings_or_exit

if __name__ == "__main__":
    settings = settings_or_exit()
    become(page_command(settings.page_folder, settings.page_address, settings.page_port))
