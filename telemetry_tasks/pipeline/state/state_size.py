"""How much of Redis a channel/version takes, and when it is so much that no more is added to it.

No bounded state can hold the exact sums of whatever names clients invent, and which of them have the most records is
known only at the end. So nothing is cut: beyond the limit, results of partitions wait, and what counts stays exact.
"""

from telemetry_tasks.core.blocks import BLOCKS, PINGS_BLOCK
from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.storage.channel_state import ChannelState

DIGEST_BYTES = 200
"""An estimate of what Redis needs for the name (20 characters) and the digest (64) of a measure, overhead included."""

CELL_BLOCKS = (PINGS_BLOCK, *(f"c{number:02d}" for number in range(BLOCKS)))


def base_bytes(state: ChannelState) -> int:
    """Bytes of the sums of a channel/version that compaction has made: blocks, and digests of measures."""
    return sum(state.block_bytes(CELL_BLOCKS).values()) + DIGEST_BYTES * state.counts().digests


def is_full(services: Services, state: ChannelState) -> bool:
    """Whether no more may be added to the channel/version, deltas included."""
    return base_bytes(state) + sum(state.delta_bytes().values()) > services.options.most_state_bytes


def to_compact(services: Services) -> list[str]:
    """The channel/versions that are full and have deltas, which a compaction makes smaller; each once a lease."""
    full = [state.name for state in channel_states(services) if state.delta_count() and is_full(services, state)]
    due = [name for name in full if services.state.note(_note(name)) is None]
    for name in due:
        services.state.set_note(_note(name), b"", services.options.merge_lease)
    return due


def make_room(services: Services, name: str) -> None:
    """Compacts a channel/version. Raises ``TooSlow`` if there was no time for all: the next call goes on."""
    lease = services.options.merge_lease
    with renewing(lambda: services.state.set_note(_note(name), b"", lease), lease):
        compact(channel_state(services, name), deadline=Deadline(services.options.publish_seconds))
    services.state.drop_note(_note(name))


def _note(name: str) -> str:
    return f"compacting:{name}"
