"""Locks in Redis that end by themselves."""

from contextlib import suppress

import redis
from redis.exceptions import RedisError

from telemetry_tasks.storage.redis.errors import translated


class RedisLock:
    """Held for ``seconds`` at most, unless it is taken again. What saves work must not cost any: only taking raises."""

    def __init__(self, client: redis.Redis, url: str, name: str, seconds: float) -> None:
        self._url = url
        self._lock = client.lock(name, timeout=seconds, blocking=False, thread_local=False)

    def acquire(self) -> bool:
        """Whether nobody else has it. Raises as all requests to the state do."""
        with translated(self._url):
            return bool(self._lock.acquire())

    def reacquire(self) -> None:
        """Begins its time anew; where it is lost, nothing can be done."""
        with suppress(RedisError):
            self._lock.reacquire()

    def release(self) -> None:
        """Gives it back; where Redis is away, it ends by itself."""
        with suppress(RedisError):
            self._lock.release()
