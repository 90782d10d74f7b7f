"""The settings and services of a command, and where its log lines go."""

from telemetry_tasks.bootstrap import services
from telemetry_tasks.logs import configure_logging
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import Settings, load_settings


def command_settings() -> Settings:
    """The settings. Log lines below WARNING are for workers, unless ``TELEMETRY_LOG_LEVEL`` asks for them."""
    settings = load_settings()
    asked = "log_level" in settings.model_fields_set
    configure_logging(settings.log_format, settings.log_level if asked else "WARNING")
    return settings


def command_services() -> Services:
    """Everything the pipeline works with. Connects nothing yet."""
    return services(command_settings())
