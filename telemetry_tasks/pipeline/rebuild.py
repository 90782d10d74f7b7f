"""The state of a channel/version made right from the stored results, whatever is in it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.fold import fold
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.core.views import marginal
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.pipeline.compact import TRIES, consistent, is_ledger_block, ledger_entries
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.results import load_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.redis_state import ChannelState
from telemetry_tasks.storage.state import Base


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many partial results were added up, and whether the state had to be changed."""

    partitions: int
    changed: bool


def fold_of_results(services: Services, name: str, entries: Sequence[LedgerEntry]) -> Cells:
    """The marginal sum of the results of these partitions. Raises where one is gone or damaged."""

    def load(index: int) -> Cells:
        entry = entries[index]
        stored = load_result(services.results, name, entry.partition.id, entry.digest)
        return stored.result.cells.get(name, Cells())

    total = Cells()
    step = 8 * services.options.transfers
    for begin in range(0, len(entries), step):
        part = range(begin, min(begin + step, len(entries)))
        total = fold([total, marginal(fold(list(in_parallel(load, part, services.options.transfers))))])
    return total


def fold_of_base(state: ChannelState, base: Base) -> Cells:
    """The sum in the base, all blocks together."""
    blocks = state.blocks([name for name in sorted(base.blocks) if not is_ledger_block(name)])
    return fold([cells_format.decode(body) for body in blocks.values()])


def rebuild(services: Services, state: ChannelState) -> Rebuilt:
    """Adds what the state lacks, and takes away what is too much, in one commit that fails when another comes first."""
    for _ in range(TRIES):
        nonce = state.nonce()
        held: list[Cells] = []

        def read(base: Base, held: list[Cells] = held) -> None:
            held[:] = [fold_of_base(state, base)]

        base = consistent(state, read)
        entries = ledger_entries(state, base)
        right = fold_of_results(services, state.name, entries)
        difference = fold([right, held[0]], [1, -1])
        if not difference.rows:
            return Rebuilt(len(entries), False)
        answer = state.commit(
            delta_format.encode(Delta(difference, ())), {}, expected_nonce=nonce or secrets.token_hex(4)
        )
        if answer.ok:
            return Rebuilt(len(entries), True)
    raise InfrastructureError(f"{state.name}: others keep committing; try again when intake is quieter")
