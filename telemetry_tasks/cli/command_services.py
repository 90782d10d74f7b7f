"""The settings, services and log destination of a command."""

from dataclasses import replace
from functools import lru_cache

from telemetry_tasks.bootstrap import s3_options, services
from telemetry_tasks.cli.answering import SECONDS, STATE, STORES, require_answers
from telemetry_tasks.logs import configure_logging
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import Settings, load_settings, secret_values
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.redis.client import short_timeout_client
from telemetry_tasks.storage.redis.state import RedisState


def command_settings() -> Settings:
    """The settings. Log lines below WARNING are for workers, unless ``TELEMETRY_LOG_LEVEL`` asks for them."""
    settings = load_settings()
    asked = "log_level" in settings.model_fields_set
    configure_logging(settings.log_format, settings.log_level if asked else "WARNING", secret_values(settings))
    return settings


def command_services(*needed: str) -> Services:
    """The services of the pipeline, once all of them, or those that are ``needed`` (see ``answering``), answer.

    Raises ``InfrastructureError`` within seconds if one does not.
    """
    return answering_services(command_settings(), *needed)


def answering_services(settings: Settings, *needed: str) -> Services:
    """The same for settings that were read."""
    require_answers(settings, *(needed or (STATE, *STORES)))
    return services(settings)


@lru_cache(maxsize=4)
def short_timeout_services(settings: Settings) -> Services:
    """Everything, with clients that give up soon: what does not answer is what the person wants to know."""
    url = settings.state_address
    options = replace(s3_options(settings), max_attempts=2, read_timeout=SECONDS)
    return replace(
        services(settings),
        state=RedisState(short_timeout_client(url, SECONDS), url, settings.redis_prefix),
        results=open_object_store(settings.results_url, options),
        published=open_object_store(settings.published_url, options),
    )
