"""What has to be published: an independent, serial recomputation over the same files, in this process."""

import redis

from telemetry_tasks.pipeline.options import Options
from tests.faults.feed import Feed
from tests.servers.redis import RedisServer
from tests.support.deployment import deployment, published_bytes, run_all


class Truth:
    """Recomputes on a Redis of its own, one file after another."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    def of(self, feed: Feed, options: Options = Options(partition_files=1)) -> dict[str, str]:
        """SHA-256 by name of everything that readers reach, when these files were all there ever was."""
        with redis.Redis.from_url(self._server.url) as client:
            client.flushall()
        services = deployment(self._server.url, options)
        for key, body in feed.bodies.items():
            services.input.put(key, body)
        run_all(services)
        return published_bytes(services.published)
