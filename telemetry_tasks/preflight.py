"""Refuses to start if the services could not do their work: one line, which says what to change."""

import time
from collections.abc import Callable

import redis
import structlog

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.errors import redacted, translated

log = structlog.get_logger()
OLDEST_REDIS = (6, 2)
PATIENCE = 300.0
"""Seconds that a starting worker waits for a Redis that is away: it may be reading its data."""

MOST_SKEW = 300.0
"""Seconds that a worker's clock may be off the state's. S3 refuses requests from 15 minutes on, one by one."""


def wait_for_state_server(
    settings: Settings, patience: float = PATIENCE, sleep: Callable[[float], None] = time.sleep
) -> None:
    """``verify_state_server``, once the server answers. Raises ``InfrastructureError`` after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return verify_state_server(settings)
        except InfrastructureError as error:
            if time.monotonic() >= deadline:
                raise
            log.warning("waiting for Redis", reason=str(error))
            sleep(1.0)


def verify_state_server(settings: Settings) -> None:
    """Checks version, eviction and durability of the state's Redis. Raises ``OperatorError`` if one is wrong."""
    url = settings.state_address
    client = redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5, decode_responses=True)
    with translated(redacted(url)):
        check_server(
            redacted(url), client.info("server"), server_config(client), needs_aof=settings.require_durable_redis
        )
        check_clock(redacted(url), float(client.time()[0]) - time.time(), settings.visibility_timeout)


def check_clock(url: str, off: float, visibility_timeout: float) -> None:
    """Warns of a clock that is ``off`` seconds behind the server's; raises ``OperatorError`` if nothing would work.

    No number depends on clocks, but a worker whose clock is ahead takes other workers' messages for lost, and every
    tick of beat for old.
    """
    if abs(off) > MOST_SKEW:
        raise OperatorError(f"this machine's clock is {-off:+.0f} s off that of Redis at {url}: set both by NTP")
    if abs(off) > visibility_timeout / 4:
        log.warning("this machine's clock is off Redis's: set both by NTP", seconds=round(-off), redis=url)


def server_config(client: redis.Redis) -> dict[str, str] | None:
    """The server's settings, None if CONFIG is forbidden (as in managed Redis services)."""
    try:
        return {str(k): str(v) for k, v in client.config_get("maxmemory-policy", "appendonly").items()}
    except redis.exceptions.ResponseError:
        return None


def check_server(url: str, info: dict[str, object], config: dict[str, str] | None, *, needs_aof: bool) -> None:
    """The rules. ``config`` is None if it may not be read."""
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise OperatorError(f"Redis at {url} is version {version}; 6.2 or newer is needed")
    if config is None:
        return
    policy = config.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        raise OperatorError(
            f"Redis at {url} would drop keys when it is full (maxmemory-policy {policy}): "
            "set maxmemory-policy noeviction"
        )
    if needs_aof and config.get("appendonly") != "yes":
        raise OperatorError(
            f"Redis at {url} keeps nothing over a restart: set appendonly yes, "
            "or TELEMETRY_REQUIRE_DURABLE_REDIS=false if every restart may rebuild the state from the bucket"
        )
