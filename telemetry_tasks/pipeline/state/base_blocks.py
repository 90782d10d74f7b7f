"""Blocks of one base: read one by one, and each held against the digest that the base gives of it.

So what is read of a base is of one version without being held all at once, and a damaged block is found.
"""

from collections.abc import Sequence

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base


class BaseMoved(InfrastructureError):
    """There is another base by now: to be read from the start."""


def blocks_of_base(state: ChannelState, base: Base, names: Sequence[str]) -> dict[str, bytes]:
    """Those of these blocks that the base has.

    Raises ``BaseMoved``; ``DataError`` ``bad-state`` if the base is still the same but a block does not match it.
    """
    found = state.blocks([name for name in names if name in base.blocks])
    for name in names:
        if name in base.blocks and (name not in found or digest_of(found[name]) != base.blocks[name]):
            if state.base().version != base.version:
                raise BaseMoved(f"{state.name}: the base changed while it was read")
            raise DataError("bad-state", f"{state.name}: block {name} in Redis is not what was written")
    return found
