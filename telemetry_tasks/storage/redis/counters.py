"""Counters that every process adds to, for metrics: one hash beside the state. Published numbers do not need it."""

from collections.abc import Mapping
from typing import Any

import structlog

from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.storage.redis.errors import redacted, translated

log = structlog.get_logger()


class RedisCounters:
    """Numbers by field. Additions are atomic; losing them is harmless."""

    def __init__(self, client: Any, url: str, prefix: str) -> None:
        self._client, self._url, self._key = client, redacted(url), f"{prefix}:metrics"

    def add(self, amounts: Mapping[str, float]) -> None:
        """Adds to several fields in one round trip. If Redis is unavailable or full, only the numbers are lost."""
        if not amounts:
            return
        try:
            with translated(self._url):
                pipeline = self._client.pipeline(transaction=False)
                for field, amount in amounts.items():
                    pipeline.hincrbyfloat(self._key, field, amount)
                pipeline.execute()
        except TelemetryError as error:
            log.warning("metrics not counted", reason=str(error))

    def read(self) -> dict[str, float]:
        """All fields."""
        with translated(self._url):
            return {field.decode(): float(value) for field, value in self._client.hgetall(self._key).items()}
