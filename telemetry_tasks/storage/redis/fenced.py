"""What all parts of a channel/version's state in Redis share: its keys, and scripts that are fenced by an epoch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from telemetry_tasks.storage.redis import scripts as redis_scripts
from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.keys import Keys

STAGE_SECONDS = 3600
"""How long a staged value is kept that is never used."""


class Fenced:
    """The keys of one channel/version, as seen by a process in ``epoch``."""

    def __init__(self, client: Any, url: str, keys: Keys, epoch: str) -> None:
        self._client, self._url, self._keys, self.epoch = client, url, keys, epoch
        self.name = keys.channel_version

    def _run(self, script: str, keys: Sequence[str], *arguments: Any) -> Any:
        with translated(self._url):
            return redis_scripts.run(self._client, script, keys, arguments)

    def _now(self) -> float:
        seconds, micros = self._client.time()
        return seconds + micros / 1e6

    def _block_keys(self, names: Iterable[str]) -> list[str]:
        return [self._keys.key(f"base:{name}") for name in names]

    def _delta_keys(self, deltas: Mapping[str, int]) -> list[str]:
        """The keys of the pieces of these deltas, given their numbers."""
        return [self._keys.key(f"delta:{id}:{i}") for id, pieces in deltas.items() for i in range(pieces)]

    def _hash(self, name: str) -> dict[str, str]:
        with translated(self._url):
            values = self._client.hgetall(self._keys.key(name))
        return {field.decode(): value.decode() for field, value in values.items()}

    def _fields(self, name: str, fields: Sequence[str]) -> dict[str, str]:
        if not fields:
            return {}
        with translated(self._url):
            values = self._client.hmget(self._keys.key(name), list(fields))
        return {field: value.decode() for field, value in zip(fields, values, strict=True) if value is not None}
