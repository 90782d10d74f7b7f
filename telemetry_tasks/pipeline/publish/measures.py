"""Which measures of a channel/version are published if clients send more than the limit.

It depends on the exact sums alone: the measures with the most records are kept, of equal ones the first by name. The
state keeps them all, so that a measure that gains records is published with all of them.
"""

from collections import Counter
from collections.abc import Mapping

from telemetry_tasks.core.blocks import block_of_measure
from telemetry_tasks.core.disclosure.collapse import Collapsed
from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES, most_recorded, records_of_measures
from telemetry_tasks.core.shapes import PINGS
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base


def published_measures(state: ChannelState, base: Base, most: int) -> tuple[Mapping[str, str], tuple[Collapsed, ...]]:
    """The digests of the measures that are published, and what is not. Raises ``BaseMoved``.

    Reads the blocks only if there are more measures than ``most``.
    """
    measures = {name: digest for name, digest in base.measures.items() if name != PINGS.measure}
    if len(measures) <= most:
        return measures, ()
    records: Counter[str] = Counter()
    for block in sorted({block_of_measure(name) for name in measures}):
        body = blocks_of_base(state, base, [block])[block]
        records.update(records_of_measures(cells_format.decode(body)))
    kept = most_recorded({name: records[name] for name in measures}, most)
    lost = sum(records[name] for name in measures if name not in kept)
    part = Collapsed(TOO_MANY_MEASURES, "", len(measures) - len(kept), lost)
    return {name: digest for name, digest in measures.items() if name in kept}, (part,)
