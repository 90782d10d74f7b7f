"""The state of one channel/version in Redis, composed of its parts. See ``channel_state`` for the contract."""

from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.intake import RedisIntake
from telemetry_tasks.storage.redis.jobs import RedisJobs
from telemetry_tasks.storage.redis.keys import PLAIN
from telemetry_tasks.storage.redis.ledger import RedisLedger
from telemetry_tasks.storage.redis.sums import RedisSums
from telemetry_tasks.storage.state_values import Counts


class RedisChannelState(RedisIntake, RedisLedger, RedisSums, RedisJobs):
    """All parts together. Every write is fenced by the epoch given at the start."""

    def begin(self) -> None:
        with translated(self._url):
            seen = (self._client.get(self._keys.key("epoch")) or b"").decode()
            if seen >= self.epoch:
                return
            loose = [key.decode() for key in self._client.scan_iter(self._keys.pattern(), count=1000)]
        own = self._keys.key("epoch")
        doomed = sorted({*loose, *self._keys(*PLAIN)} - {own})
        self._run("begin", [own, *doomed], self.epoch, seen)

    def is_of_this_epoch(self) -> bool:
        with translated(self._url):
            return self._client.get(self._keys.key("epoch")) == self.epoch.encode()

    def counts(self) -> Counts:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hlen(self._keys.key("files"))
            for name in ("waiting", "running"):
                pipeline.zcard(self._keys.key(name))
            for name in ("aggregated", "batches", "merged", "deltas", "digests"):
                pipeline.hlen(self._keys.key(name))
            pipeline.zrange(self._keys.key("waiting"), 0, 0, withscores=True)
            *numbers, oldest = pipeline.execute()
        files, waiting, running, aggregated, batches, merged, deltas, digests = map(int, numbers)
        since = float(oldest[0][1]) if oldest else None
        return Counts(files, waiting, running, aggregated, batches, merged, deltas, since, digests)
