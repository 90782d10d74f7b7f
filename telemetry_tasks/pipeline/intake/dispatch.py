"""Which partitions are sent to the workers now: as many as back-pressure allows, and what got lost."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

LEASE = 5.0
"""Seconds after which another process may claim if the one that held the lock was killed."""


@dataclass(frozen=True, slots=True)
class ClaimedPartition:
    """A partition that this process sends to a worker, which aggregates it."""

    channel_version: str
    partition: str


def claim_partitions(services: Services, *, overdue: int = 0, most: int | None = None) -> list[ClaimedPartition]:
    """Claims waiting partitions, so that at most ``window`` are running, and up to ``overdue`` of the overdue ones.

    Both are shared out fairly among the channel/versions. ``most`` bounds how many that wait are claimed; without it
    nobody claims any while another one does, or each would fill the window.
    """
    if most is not None:
        return _claimed(services, overdue, most)
    with dispatch_lock(services) as mine:
        return _claimed(services, overdue, services.options.window if mine else 0)


def claim_with_lock(services: Services, *, overdue: int = 0) -> list[ClaimedPartition]:
    """The same, for a caller that holds the lock."""
    return _claimed(services, overdue, services.options.window)


def unclaim(services: Services, claimed: Iterable[ClaimedPartition]) -> None:
    """Returns claimed partitions that could not be sent; otherwise they would be stuck for a lease."""
    for each in claimed:
        channel_state(services, each.channel_version).release(each.partition, counts=True)  # no attempt began


@contextmanager
def dispatch_lock(services: Services) -> Iterator[bool]:
    """Whether the caller may dispatch: it alone does so until it has sent what it claims."""
    lock = services.state.lock("dispatch", LEASE)
    if not lock.acquire():
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _claimed(services: Services, overdue: int, most: int) -> list[ClaimedPartition]:
    states, lease = channel_states(services), services.options.lease
    running = {state.name: state.running_count() for state in states}
    free = min(most, max(0, services.options.window - sum(running.values())))
    again = _shared(_longest_lost(states) if overdue else [], overdue, lambda s, n: s.claim(0, lease, overdue=n))
    new = _shared(_least_served(states, running) if free else [], free, lambda s, n: s.claim(n, lease))
    return [*again, *new]


def _longest_lost(states: Iterable[ChannelState]) -> list[ChannelState]:
    """In the order in which their first leases end: what only waits in the queue hides no lost one for ever."""
    ends = [(end, state.name, state) for state in states if (end := state.oldest_lease()) is not None]
    return [state for *_, state in sorted(ends, key=lambda each: each[:2])]


def _least_served(states: Iterable[ChannelState], running: Mapping[str, int]) -> list[ChannelState]:
    """Fewest running first, then longest waiting: otherwise the first name would always be served.

    An aggregated partition makes room for only one.
    """
    since = [(state.oldest_waiting(), state) for state in states]
    turns = [(running[state.name], moment, state.name, state) for moment, state in since if moment is not None]
    return [state for *_, state in sorted(turns, key=lambda each: each[:3])]


def _shared(
    states: Sequence[ChannelState], number: int, claim: Callable[[ChannelState, int], list[str]]
) -> list[ClaimedPartition]:
    """Claims ``number`` of them; if that is too few for all, the first of ``states`` are served."""
    claimed: list[ClaimedPartition] = []
    for behind, state in enumerate(states):
        share = -(-(number - len(claimed)) // (len(states) - behind))
        claimed += [ClaimedPartition(state.name, partition) for partition in (claim(state, share) if share else [])]
    return claimed


def without_message(services: Services, queued: int) -> int:
    """How many running partitions can have no message in the queue, in which ``queued`` wait.

    No more of the overdue ones are sent again: those beyond are only waiting there, and their copies would pile up. So
    the queue holds no more messages than partitions are running.
    """
    return max(0, sum(state.running_count() for state in channel_states(services)) - queued)
