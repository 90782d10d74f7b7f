"""Clients of Redis by URL."""

import redis

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.storage.redis.errors import redacted


def short_timeout_client(url: str, seconds: float, *, decode: bool = False) -> redis.Redis:
    """A client that tries once, for ``seconds``. Raises ``OperatorError`` for an invalid URL."""
    try:
        return redis.Redis.from_url(
            url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=None, decode_responses=decode
        )
    except ValueError as error:
        raise OperatorError(
            f"{redacted(url)!r} is not a Redis URL ({error}): use redis://host:port/database"
        ) from error
