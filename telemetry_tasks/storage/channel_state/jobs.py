"""The contract of reprocessing jobs: their plans, attempts at their partitions, and results."""

from typing import Protocol


class Jobs(Protocol):
    """Running jobs, by id. ``run_id`` tells two runs of one job apart."""

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        """Stores a job's plan and leases the job for ``lease`` seconds. False if the job exists already."""
        ...

    def renew_job(self, job: str, lease: float) -> None:
        """Renews the lease of a running job for ``lease`` seconds, after which the sweep sends it again."""
        ...

    def jobs(self) -> dict[str, bytes]:
        """The plans of the running jobs, by id."""
        ...

    def overdue_jobs(self) -> list[str]:
        """Jobs whose lease is over."""
        ...

    def begin_attempt(self, job: str, run_id: str, partition: str, lease: float, message: str = "") -> int:
        """Begins an attempt at a partition of the job and leases the partition for ``lease`` seconds.

        ``message`` identifies the message of the attempt. If it is delivered again, its earlier attempt is over: the
        new one does not wait for it.

        Returns its number, from 1; 0 if there is nothing to do now: the run is over, the partition has its result,
        another attempt is under way, or the next one is not due yet.
        """
        ...

    def renew_attempt(self, job: str, run_id: str, partition: str, attempt: int, lease: float) -> None:
        """Renews the partition's lease for ``lease`` seconds, if ``attempt`` is the last one that began."""
        ...

    def release_attempt(self, job: str, run_id: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Ends an attempt without a result; the next one is due after ``delay`` seconds.

        ``counts`` says whether the attempt counts.
        """
        ...

    def backing_off(self, job: str) -> set[str]:
        """The partitions of the job that have a running attempt, or whose next attempt is not due yet."""
        ...

    def run_id(self, job: str) -> str:
        """The run of the job: one that is cancelled and started again has a new one. Empty if it is not running."""
        ...

    def note_done(self, job: str, run_id: str, partition: str, digest: str) -> bool:
        """Records the result of a partition of the job. False if that run of the job is over."""
        ...

    def done(self, job: str) -> dict[str, str]:
        """Digests of the results that the job has so far, by partition."""
        ...

    def end_job(self, job: str) -> bool:
        """Removes a job, done or cancelled. False if it does not exist."""
        ...
