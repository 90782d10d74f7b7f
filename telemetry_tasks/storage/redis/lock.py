"""Locks in Redis that expire."""

from contextlib import suppress

import redis
from redis.exceptions import RedisError

from telemetry_tasks.storage.redis.errors import translated


class RedisLock:
    """Held for ``seconds`` at most, unless it is renewed. Only ``take`` raises, since the lock just saves work."""

    def __init__(self, client: redis.Redis, url: str, name: str, seconds: float) -> None:
        self._url = url
        self._lock = client.lock(name, timeout=seconds, blocking=False, thread_local=False)

    def acquire(self) -> bool:
        """Takes the lock; False if another process has it. Raises as all requests to the state do."""
        with translated(self._url):
            return bool(self._lock.acquire())

    def reacquire(self) -> None:
        """Restarts its time, unless the lock is lost."""
        with suppress(RedisError):
            self._lock.reacquire()

    def release(self) -> None:
        """Releases it; if Redis is unavailable, it expires."""
        with suppress(RedisError):
            self._lock.release()
