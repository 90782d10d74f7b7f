"""Builds the services of a process from its settings: lazily, and anew in every process.

A connection from before a fork must not be used after it, so what is built here is kept by process id.
"""

import os
from functools import lru_cache

from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.s3_client import S3Options


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
    """The store at ``url``, for this process. Raises ``OperatorError`` for a URL that is none."""
    return _object_store(os.getpid(), url, s3_options(settings))


def input_store(settings: Settings) -> ObjectStore:
    """Where ping files are found."""
    return object_store(settings.input_url, settings)


def results_store(settings: Settings) -> ObjectStore:
    """Where partial results and folds are kept."""
    return object_store(settings.results_url, settings)


def published_store(settings: Settings) -> ObjectStore:
    """Where snapshots and check-points are published."""
    return object_store(settings.published_url, settings)


@lru_cache(maxsize=64)
def _object_store(pid: int, url: str, options: S3Options) -> ObjectStore:
    return open_object_store(url, options)
