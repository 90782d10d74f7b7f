"""Running reprocessing jobs, in Redis: their plans, attempts and results."""

import secrets

from telemetry_tasks.storage.redis.errors import translated
from telemetry_tasks.storage.redis.fenced import Fenced

OF_A_JOB = ("run_id", "results", "attempts", "backing_off", "messages")
"""The keys that a job has of its own."""


class RedisJobs(Fenced):
    """Jobs, by id."""

    def _job_keys(self, job: str, *names: str) -> list[str]:
        return [self._keys.key(f"job:{job}:{name}") for name in names]

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        keys = [*self._keys("jobs", "job_leases"), *self._job_keys(job, *OF_A_JOB)]
        return bool(self._run("add_job", keys, job, plan, secrets.token_hex(8), lease))

    def renew_job(self, job: str, lease: float) -> None:
        self._run("renew_job", self._keys("jobs", "job_leases"), job, lease)

    def jobs(self) -> dict[str, bytes]:
        with translated(self._url):
            return {id.decode(): plan for id, plan in self._client.hgetall(self._keys.key("jobs")).items()}

    def overdue_jobs(self) -> list[str]:
        with translated(self._url):
            return [id.decode() for id in self._client.zrangebyscore(self._keys.key("job_leases"), "-inf", self._now())]

    def begin_attempt(self, job: str, run_id: str, partition: str, lease: float, message: str = "") -> int:
        keys = self._job_keys(job, "run_id", "results", "attempts", "backing_off", "messages")
        return int(self._run("begin_attempt", keys, run_id, partition, lease, message))

    def renew_attempt(self, job: str, run_id: str, partition: str, attempt: int, lease: float) -> None:
        keys = self._job_keys(job, "run_id", "attempts", "backing_off")
        self._run("renew_attempt", keys, run_id, partition, attempt, lease)

    def release_attempt(self, job: str, run_id: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        keys = self._job_keys(job, "run_id", "attempts", "backing_off", "messages")
        self._run("release_attempt", keys, run_id, partition, int(counts), delay)

    def backing_off(self, job: str) -> set[str]:
        (key,) = self._job_keys(job, "backing_off")
        with translated(self._url):
            return {id.decode() for id in self._client.zrangebyscore(key, f"({self._now()!r}", "+inf")}

    def run_id(self, job: str) -> str:
        (key,) = self._job_keys(job, "run_id")
        with translated(self._url):
            return (self._client.get(key) or b"").decode()

    def note_done(self, job: str, run_id: str, partition: str, digest: str) -> bool:
        return bool(self._run("note_done", self._job_keys(job, "run_id", "results"), run_id, partition, digest))

    def done(self, job: str) -> dict[str, str]:
        return self._hash(f"job:{job}:results")

    def end_job(self, job: str) -> bool:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.hdel(self._keys.key("jobs"), job)
            pipeline.zrem(self._keys.key("job_leases"), job)
            pipeline.delete(*self._job_keys(job, *OF_A_JOB))
            return bool(pipeline.execute()[0])
