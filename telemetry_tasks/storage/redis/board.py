"""A board in Redis: small values by name, each with the time of its write, that processes publish for readers.

Imports little, because beat uses it too.
"""

from typing import Any

from telemetry_tasks.storage.redis import scripts as redis_scripts
from telemetry_tasks.storage.redis.errors import redacted, translated
from telemetry_tasks.storage.state_values import Posted


class RedisBoard:
    """See ``state.Board``."""

    def __init__(self, client: Any, url: str, prefix: str, name: str, most: int) -> None:
        self._most = most
        self._client, self._url, self._key = client, redacted(url), f"{prefix}:board:{name}"

    def write(self, field: str, value: bytes) -> None:
        with translated(self._url):
            script = self._client.register_script(redis_scripts.source("write_board"))
            script([self._key], [field, value, self._most])

    def drop(self, field: str) -> None:
        with translated(self._url):
            self._client.hdel(self._key, field)

    def value(self, field: str) -> bytes | None:
        with translated(self._url):
            found = self._client.hget(self._key, field)
        return None if found is None else _parts(found)[1]

    def read(self) -> dict[str, Posted]:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.hgetall(self._key)
            pipeline.time()
            fields, (seconds, micros) = pipeline.execute()
        now = seconds + micros / 1e6
        values = {field.decode("utf-8", "replace"): _parts(found) for field, found in fields.items()}
        return {field: Posted(value, at, max(0.0, now - at)) for field, (at, value) in values.items()}


def _parts(found: bytes) -> tuple[float, bytes]:
    at, _, value = found.partition(b" ")
    return float(at), value
