"""Reprocessings under way."""

from tests.support.memory_state.server import Job, Part, due


class Jobs(Part):
    """See ``storage.redis.jobs`` and the scripts that it runs."""

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        run_id = self._server.token(8)

        def step() -> bool:
            here = self._here
            if job in here.jobs:
                return False
            here.jobs[job] = plan
            here.job[job] = Job(run_id)
            here.job_leases[job] = self._server.now() + lease
            return True

        return self._do("add_job", step)

    def renew_job(self, job: str, lease: float) -> None:
        def step() -> None:
            if job in self._here.jobs:
                self._here.job_leases[job] = self._server.now() + lease

        self._do("renew_job", step)

    def jobs(self) -> dict[str, bytes]:
        return self._read("jobs", lambda here: dict(here.jobs))

    def overdue_jobs(self) -> list[str]:
        return self._read("overdue_jobs", lambda here: due(here.job_leases, self._server.now()))

    def _of(self, job: str, run_id: str) -> Job | None:
        found = self._here.job.get(job)
        return found if found is not None and found.run_id == run_id else None

    def begin_attempt(self, job: str, run_id: str, partition: str, lease: float, message: str = "") -> int:
        def step() -> int:
            found, now = self._of(job, run_id), self._server.now()
            if found is None or partition in found.digests:
                return 0
            same = message != "" and found.messages.get(partition) == message
            if now < found.due_at.get(partition, 0.0) and not same:
                return 0
            found.messages[partition] = message
            found.due_at[partition] = now + lease
            found.attempts[partition] = found.attempts.get(partition, 0) + 1
            return found.attempts[partition]

        return self._do("begin_attempt", step)

    def renew_attempt(self, job: str, run_id: str, partition: str, attempt: int, lease: float) -> None:
        def step() -> None:
            found = self._of(job, run_id)
            if found is not None and found.attempts.get(partition) == attempt:
                found.due_at[partition] = self._server.now() + lease

        self._do("renew_attempt", step)

    def release_attempt(self, job: str, run_id: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        def step() -> None:
            found = self._of(job, run_id)
            if found is not None:
                found.due_at[partition] = self._server.now() + delay
                found.messages.pop(partition, None)
                if not counts:
                    found.attempts[partition] = found.attempts.get(partition, 0) - 1

        self._do("release_attempt", step)

    def backing_off(self, job: str) -> set[str]:
        now = self._do("time", self._server.now)
        found = self._read("job", lambda here: here.job.get(job))
        return {id for id, until in found.due_at.items() if until > now} if found else set()

    def run_id(self, job: str) -> str:
        return self._read("run_id", lambda here: here.job[job].run_id if job in here.job else "")

    def note_done(self, job: str, run_id: str, partition: str, digest: str) -> bool:
        def step() -> bool:
            found = self._of(job, run_id)
            if found is not None:
                found.digests[partition] = digest
            return found is not None

        return self._do("note_done", step)

    def done(self, job: str) -> dict[str, str]:
        return self._read("done", lambda here: dict(here.job[job].digests) if job in here.job else {})

    def end_job(self, job: str) -> bool:
        def step() -> bool:
            here = self._here
            here.job_leases.pop(job, None)
            here.job.pop(job, None)
            return here.jobs.pop(job, None) is not None

        return self._do("end_job", step)
