"""Reprocessings under way."""

from tests.support.memory_state.server import Job, Part, due


class Jobs(Part):
    """See ``redis_jobs`` and the scripts that it runs."""

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        life = self._server.token(8)

        def step() -> bool:
            here = self._here
            if job in here.jobs:
                return False
            here.jobs[job] = plan
            here.job[job] = Job(life)
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

    def _of(self, job: str, life: str) -> Job | None:
        found = self._here.job.get(job)
        return found if found is not None and found.life == life else None

    def begin_try(self, job: str, life: str, partition: str, lease: float, message: str = "") -> int:
        def step() -> int:
            found, now = self._of(job, life), self._server.now()
            if found is None or partition in found.digests:
                return 0
            same = message != "" and found.messages.get(partition) == message
            if now < found.rests.get(partition, 0.0) and not same:
                return 0
            found.messages[partition] = message
            found.rests[partition] = now + lease
            found.tries[partition] = found.tries.get(partition, 0) + 1
            return found.tries[partition]

        return self._do("begin_try", step)

    def renew_try(self, job: str, life: str, partition: str, attempt: int, lease: float) -> None:
        def step() -> None:
            found = self._of(job, life)
            if found is not None and found.tries.get(partition) == attempt:
                found.rests[partition] = self._server.now() + lease

        self._do("renew_try", step)

    def release_try(self, job: str, life: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        def step() -> None:
            found = self._of(job, life)
            if found is not None:
                found.rests[partition] = self._server.now() + delay
                found.messages.pop(partition, None)
                if not counts:
                    found.tries[partition] = found.tries.get(partition, 0) - 1

        self._do("release_try", step)

    def resting(self, job: str) -> set[str]:
        now = self._do("time", self._server.now)
        found = self._read("job", lambda here: here.job.get(job))
        return {id for id, until in found.rests.items() if until > now} if found else set()

    def life_of(self, job: str) -> str:
        return self._read("life_of", lambda here: here.job[job].life if job in here.job else "")

    def note_done(self, job: str, life: str, partition: str, digest: str) -> bool:
        def step() -> bool:
            found = self._of(job, life)
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
