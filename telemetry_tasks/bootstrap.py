"""Builds the services of a process from its settings: lazily, and again in every process.

A connection from before a fork must not be used after it, so what is built here is kept by process id.
"""

import os
from functools import lru_cache, partial

import redis

from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.core.plausible import Plausibility
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.formats.pings.saved_session.expressions import named_constants
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.inspect.status_values import Thresholds
from telemetry_tasks.pipeline.intake.notifications import Bucket
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import Settings
from telemetry_tasks.settings.reading import reading
from telemetry_tasks.storage.definitions.locations import definition_sources
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.redis.errors import redacted
from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.sqs import SqsQueue


def s3_options(settings: Settings) -> S3Options:
    """The part of the settings that says how to reach S3."""
    return S3Options(
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        addressing_style=settings.s3_addressing_style,
        checksums=settings.s3_checksums,
        max_connections=settings.s3_max_connections,
    )


def object_store(url: str, settings: Settings) -> ObjectStore:
    """The store at ``url``, for this process. Raises ``OperatorError`` for an invalid URL."""
    return _object_store(os.getpid(), url, s3_options(settings))


def input_store(settings: Settings) -> ObjectStore:
    """The store of ping files."""
    return object_store(settings.input_url, settings)


def results_store(settings: Settings) -> ObjectStore:
    """The store of partial results and merged slices."""
    return object_store(settings.results_url, settings)


def published_store(settings: Settings) -> ObjectStore:
    """The store of snapshots and checkpoints."""
    return object_store(settings.published_url, settings)


@lru_cache(maxsize=64)
def _object_store(pid: int, url: str, options: S3Options) -> ObjectStore:
    return open_object_store(url, options)


def sqs_queue(settings: Settings, url: str | None) -> SqsQueue | None:
    """The queue at ``url``; None if there is no URL."""
    return None if url is None else SqsQueue(url, settings.s3_region, settings.sqs_endpoint_url)


def input_bucket(settings: Settings) -> Bucket:
    """The input bucket as notifications name it. Raises ``OperatorError`` if the input is not on S3."""
    scheme, _, rest = settings.input_url.partition("://")
    if scheme != "s3":
        raise OperatorError("notifications need an input on S3: TELEMETRY_INPUT_URL must be s3://bucket/prefix")
    name, _, prefix = rest.partition("/")
    return Bucket(name, prefix)


def services(settings: Settings) -> Services:
    """Everything the pipeline works with, for this process. Connects nothing yet."""
    return _services(os.getpid(), settings)


@lru_cache(maxsize=4)
def _services(pid: int, settings: Settings) -> Services:
    form = ping_format(settings.ping_format, settings.dimensions, settings.fallback_revision)
    _check_dimensions(settings, form)
    sources = definition_sources(settings.definitions, lambda url: object_store(url, settings))
    constants = named_constants(settings.definition_constants)
    return Services(
        input=input_store(settings),
        results=results_store(settings),
        published=published_store(settings),
        state=redis_state(settings),
        definitions=DefinitionSources(sources, partial(form.definitions, constants=constants)),
        ping_format=form,
        limits=settings.limits,
        options=options(settings),
        reading=reading(settings, form),
    )


def _check_dimensions(settings: Settings, form: PingFormat) -> None:
    """Raises ``OperatorError`` for a list of options of an unknown dimension: it would collapse nothing."""
    unknown = [name for name, _ in settings.allowed_options if name not in form.dimensions]
    if unknown:
        known = ", ".join(form.dimensions)
        raise OperatorError(f"TELEMETRY_ALLOWED_OPTIONS: {unknown[0]!r} is not a dimension; there are {known}")


def redis_state(settings: Settings) -> RedisState:
    """The state in Redis; a new client. Raises ``OperatorError`` for an invalid URL."""
    url = settings.state_address
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=30,
            socket_connect_timeout=5,
            socket_keepalive=True,
            health_check_interval=25,
        )
    except ValueError as error:
        raise OperatorError(
            f"TELEMETRY_REDIS_URL: {redacted(url)!r} is not a Redis URL ({error}): use redis://host:port/database"
        ) from error
    return RedisState(client, url, settings.redis_prefix)


def options(settings: Settings) -> Options:
    """The sizes and times of the pipeline. A lease outlasts the longest task, retries of the broker included."""
    limit = settings.soft_time_limit
    return settings.fill(
        Options,
        partition_seconds=settings.partition_seconds or limit / 2,
        file_seconds=settings.file_seconds or limit * 7 / 8,
        publish_seconds=settings.publish_seconds or limit / 4,
        discover_seconds=limit / 4,
        most_publish_seconds=limit * 7 / 8,
        transfers=settings.s3_max_connections,
        publish_limits=settings.fill(PublishLimits),
        plausibility=settings.fill(Plausibility, prefix="implausible_"),
    )


LEAST_LATE = 3600.0
"""Seconds before which nothing is late that no setting says, however short the intervals are."""


def thresholds(settings: Settings) -> Thresholds:
    """The ages at which ``status`` raises alerts."""
    return Thresholds(
        settings.late_partition,
        settings.late_publish or max(LEAST_LATE, 3 * settings.publish_interval),
        settings.late_checkpoint or max(LEAST_LATE, 2 * settings.checkpoint_interval),
    )
