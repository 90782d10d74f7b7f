"""What has to be published: an independent, serial recomputation over the same files, in this process."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import redis

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from tests.faults.feed import Feed
from tests.servers.redis import RedisServer
from tests.support.deployment import deployment, published_bytes, run_all


class Truth:
    """Recomputes on a Redis of its own, one file after another."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._known: dict[str, dict[str, str]] = {}

    def of(self, feed: Feed, vanished: Sequence[str] = (), limits: Limits | None = None) -> dict[str, str]:
        """SHA-256 by name of everything that readers reach, when these files were all there ever was.

        ``vanished`` are files that were found and went away before they were read. Many cases have the same files.
        """
        asked = sha256(repr((sorted(feed.bodies.items()), sorted(vanished), limits)).encode()).hexdigest()
        if asked not in self._known:
            self._known[asked] = self._recomputed(feed, vanished, limits)
        return dict(self._known[asked])

    def _recomputed(self, feed: Feed, vanished: Sequence[str], limits: Limits | None) -> dict[str, str]:
        with redis.Redis.from_url(self._server.url) as client:
            client.flushall()
        services = replace(deployment(self._server.url, Options(partition_files=1)), limits=limits or Limits())
        for key, body in feed.bodies.items():
            services.input.put(key, body)
        ensure_state(services)
        discover(services, services.input.now(), all_now=True)
        services.input.delete(vanished)
        run_all(services)
        return published_bytes(services.published)
