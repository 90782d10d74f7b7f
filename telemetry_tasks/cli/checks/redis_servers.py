"""The Redis of the state and that of the broker: reachable, new enough, safe from eviction and restarts."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import redis

from telemetry_tasks.cli.checks.check import NOTE, OK, Check, guarded, together
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.preflight import check_server, server_config
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.client import short_timeout_client
from telemetry_tasks.storage.redis.errors import redacted, translated

SECONDS = 5.0


def connect(url: str) -> redis.Redis:
    """A client with short timeouts. Raises ``OperatorError`` if the URL is invalid."""
    return short_timeout_client(url, SECONDS, decode=True)


def check_redis(settings: Settings) -> Iterator[Check]:
    """Both servers."""
    state, broker = settings.state_address, settings.broker_address
    looks = (
        partial(_look, "Redis, state", state, settings.require_durable_redis),
        partial(_look, "Redis, broker", broker, False),
    )
    yield from together(partial(guarded, look.args[0], look) for look in looks)
    if _server(state) == _server(broker):
        yield Check(
            "Redis",
            NOTE,
            "state and broker are on one server: one that is full or slow takes the other along",
            "give TELEMETRY_BROKER_URL a server of its own",
        )


def _look(subject: str, url: str, needs_aof: bool) -> Iterator[Check]:
    if url.partition("://")[0] not in ("redis", "rediss", "unix"):
        raise OperatorError(f"{redacted(url)!r} is not a Redis URL: use redis://host:port/database")
    client = connect(url)
    with translated(redacted(url)):
        client.ping()
        info = client.info()
        config = server_config(client)
        probe = "telemetry-tasks:doctor"
        client.set(probe, "1", px=1000)
        client.delete(probe)
    check_server(redacted(url), info, config, needs_aof=needs_aof)
    yield Check(subject, OK, f"{redacted(url)}, {_product(info)}, answers and takes writes")
    yield from _settings_checks(subject, config)
    most, used = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if not most:
        yield Check(
            subject,
            NOTE,
            "has no limit of memory: the system may kill it when it grows",
            "set maxmemory in its settings",
        )
    elif used > 0.7 * most:
        yield Check(subject, NOTE, f"is {100 * used / most:.0f} % full", "raise maxmemory, or publish more often")


def _product(info: Mapping[str, Any]) -> str:
    """Name and version. Valkey gives the version of the Redis that it is compatible with as well."""
    if version := info.get("valkey_version"):
        return f"Valkey {version}"
    return f"Redis {info.get('redis_version')}"


def _settings_checks(subject: str, config: dict[str, str] | None) -> Iterator[Check]:
    if config is None:
        yield Check(
            subject,
            NOTE,
            "its settings may not be read (CONFIG is forbidden)",
            "see to it that maxmemory-policy is noeviction and that it keeps its data over a restart",
        )
        return
    yield Check(subject, OK, f"drops nothing when full: maxmemory-policy {config.get('maxmemory-policy')}")
    if config.get("appendonly") == "yes":
        yield Check(subject, OK, "keeps its data over a restart: appendonly yes")
    else:
        yield Check(subject, NOTE, "keeps nothing over a restart: appendonly no", "set appendonly yes in its settings")


def _server(url: str) -> str:
    return redacted(url).rpartition("/")[0] if redacted(url).count("/") > 2 else redacted(url)
