"""Running reprocessing jobs, in Redis: their plans, attempts and results."""

import secrets

from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.fenced import Fenced

TRY = "try "
"""Prefix of a partition's id in a job: the number of its attempts."""

REST = "rest "
"""Prefix of a partition's id in a job: the end of its lease."""

FOR = "for "
"""Prefix of a partition's id in a job: the message of its last attempt."""

LIFE = "life"
"""In a job's results: the life of the job to which they belong."""


class RedisJobs(Fenced):
    """Jobs, by id."""

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        keys = self._keys("jobs", f"job:{job}", "job_leases")
        return bool(self._run("add_job", keys, job, plan, secrets.token_hex(8), lease))

    def renew_job(self, job: str, lease: float) -> None:
        self._run("renew_job", self._keys("jobs", "job_leases"), job, lease)

    def jobs(self) -> dict[str, bytes]:
        with translated(self._url):
            return {id.decode(): plan for id, plan in self._client.hgetall(self._keys.key("jobs")).items()}

    def overdue_jobs(self) -> list[str]:
        with translated(self._url):
            seconds, micros = self._client.time()
            now = seconds + micros / 1e6
            return [id.decode() for id in self._client.zrangebyscore(self._keys.key("job_leases"), "-inf", now)]

    def begin_try(self, job: str, life: str, partition: str, lease: float, message: str = "") -> int:
        return int(self._run("begin_try", [self._keys.key(f"job:{job}")], life, partition, lease, message))

    def renew_try(self, job: str, life: str, partition: str, attempt: int, lease: float) -> None:
        self._run("renew_try", [self._keys.key(f"job:{job}")], life, partition, attempt, lease)

    def release_try(self, job: str, life: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        self._run("release_try", [self._keys.key(f"job:{job}")], life, partition, int(counts), delay)

    def resting(self, job: str) -> set[str]:
        with translated(self._url):
            seconds, micros = self._client.time()
        now = seconds + micros / 1e6
        found = self._hash(f"job:{job}").items()
        return {field.removeprefix(REST) for field, due in found if field.startswith(REST) and float(due) > now}

    def life_of(self, job: str) -> str:
        with translated(self._url):
            return (self._client.hget(self._keys.key(f"job:{job}"), LIFE) or b"").decode()

    def note_done(self, job: str, life: str, partition: str, digest: str) -> bool:
        return bool(self._run("note_done", [self._keys.key(f"job:{job}")], life, partition, digest))

    def done(self, job: str) -> dict[str, str]:
        found = self._hash(f"job:{job}")
        return {id: digest for id, digest in found.items() if id != LIFE and not id.startswith((TRY, REST, FOR))}

    def end_job(self, job: str) -> bool:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.hdel(self._keys.key("jobs"), job)
            pipeline.zrem(self._keys.key("job_leases"), job)
            pipeline.delete(self._keys.key(f"job:{job}"))
            return bool(pipeline.execute()[0])
