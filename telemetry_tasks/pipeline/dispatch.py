"""Which partitions are sent to the workers now: as many as back-pressure allows, and what got lost."""

from dataclasses import dataclass

from telemetry_tasks.core.partition import Partition, partition_of
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.give_up import give_up
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.redis_state import ChannelState
from telemetry_tasks.storage.state import Claim


@dataclass(frozen=True, slots=True)
class Job:
    """A partition to aggregate."""

    channel_version: str
    partition: str


def claim_jobs(services: Services, *, renew: bool) -> list[Job]:
    """Claims waiting partitions, so that at most ``window`` are dispatched; with ``renew`` also the overdue ones.

    A partition that was tried ``max_attempts`` times is split into its files, a single file is given up.
    """
    states = channel_states(services)
    free = services.options.window - sum(state.dispatched() for state in states)
    jobs: list[Job] = []
    for share, state in enumerate(states):
        fair = -(-max(free, 0) // (len(states) - share))
        claims = state.claim(fair, services.options.lease, renew=renew)
        free -= min(len(claims), fair)
        jobs += [Job(state.name, claim.partition) for claim in claims if not _hopeless(services, state, claim)]
    return jobs


def _hopeless(services: Services, state: ChannelState, claim: Claim) -> bool:
    if claim.attempt <= services.options.max_attempts:
        return False
    partition = state.partitions([claim.partition]).get(claim.partition)
    if partition is None:
        return True
    if len(partition.files) > 1:
        state.split(partition.id, _singles(partition))
    else:
        reason = state.error(partition.id) or "no attempt ended: the worker was lost or out of time"
        give_up(services, state, partition, f"gave-up: {services.options.max_attempts} attempts failed; {reason}")
    return True


def _singles(partition: Partition) -> list[Partition]:
    return [partition_of(partition.channel_version, [file], partition.generation) for file in partition.files]
