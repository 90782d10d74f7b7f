"""Which partitions are sent to the workers now: as many as back-pressure allows, and what got lost."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

LEASE = 5.0
"""Seconds after which another one claims, where who did so was killed."""


@dataclass(frozen=True, slots=True)
class Job:
    """A partition to aggregate."""

    channel_version: str
    partition: str


def claim_jobs(services: Services, *, overdue: int = 0, most: int | None = None) -> list[Job]:
    """Claims waiting partitions, so that at most ``window`` are dispatched, and up to ``overdue`` of the overdue ones.

    Both are shared out fairly among the channel/versions. ``most`` bounds how many that wait are claimed; without it
    nobody claims any while another one does, or each would fill the window.
    """
    if most is not None:
        return _claimed(services, overdue, most)
    with _alone(services) as alone:
        return _claimed(services, overdue, services.options.window if alone else 0)


@contextmanager
def _alone(services: Services) -> Iterator[bool]:
    lock = services.state.lock("dispatch", LEASE)
    if not lock.acquire():
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _claimed(services: Services, overdue: int, most: int) -> list[Job]:
    states = channel_states(services)
    free = min(most, max(0, services.options.window - _dispatched(states)))
    jobs: list[Job] = []
    for behind, state in enumerate(states):
        left = len(states) - behind
        fair, late = -(-free // left), -(-overdue // left)
        again = state.claim(0, services.options.lease, overdue=late) if late else []
        new = state.claim(fair, services.options.lease) if fair else []
        free, overdue = free - len(new), overdue - len(again)
        jobs += [Job(state.name, partition) for partition in (*again, *new)]
    return jobs


def without_message(services: Services, queued: int) -> int:
    """How many dispatched partitions can have no message in the queue, in which ``queued`` wait.

    No more of the overdue ones are sent again: those beyond are only waiting there, and their copies would pile up. So
    the queue holds no more messages than partitions are dispatched.
    """
    return max(0, _dispatched(channel_states(services)) - queued)


def _dispatched(states: Iterable[ChannelState]) -> int:
    return sum(state.dispatched() for state in states)
