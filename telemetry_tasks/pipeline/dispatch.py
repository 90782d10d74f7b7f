"""Which partitions are sent to the workers now: as many as back-pressure allows, and what got lost."""

from dataclasses import dataclass

from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.services import Services


@dataclass(frozen=True, slots=True)
class Job:
    """A partition to aggregate."""

    channel_version: str
    partition: str


def claim_jobs(services: Services, *, renew: bool, most: int | None = None) -> list[Job]:
    """Claims waiting partitions, so that at most ``window`` are dispatched; with ``renew`` also the overdue ones.

    The window is shared out fairly among the channel/versions. ``most`` bounds how many that wait are claimed.
    """
    states = channel_states(services)
    free = max(0, services.options.window - sum(state.dispatched() for state in states))
    free = free if most is None else min(free, most)
    jobs: list[Job] = []
    for behind, state in enumerate(states):
        fair = -(-free // (len(states) - behind))
        if not fair and not renew:
            break
        claimed = state.claim(fair, services.options.lease, renew=renew)
        free = max(0, free - len(claimed))
        jobs += [Job(state.name, partition) for partition in claimed]
    return jobs
