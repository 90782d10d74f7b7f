"""The state of a channel/version made right from the stored results, whatever is in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.blocks import block_of, is_ledger_block, ledger_block, measure_digests
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.core.views import marginal, split
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.ledger import encode_entries
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.results import entry_of, load_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.pipeline.state.compact import TRIES
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many partial results were added up, and whether the state had to be changed."""

    partitions: int
    changed: bool


def sum_of_results(services: Services, name: str, entries: Sequence[LedgerEntry]) -> Cells:
    """The marginal sum of the results of these partitions. Raises if one is missing or damaged."""

    def load(index: int) -> Cells:
        entry = entries[index]
        stored = load_result(services.results, name, entry.partition.id, entry.digest)
        return stored.result.cells.get(name, Cells())

    total = Cells()
    step = 8 * services.options.transfers
    for begin in range(0, len(entries), step):
        part = range(begin, min(begin + step, len(entries)))
        total = add_cells([total, marginal(add_cells(list(in_parallel(load, part, services.options.transfers))))])
    return total


def sum_of_base(state: ChannelState, base: Base) -> Cells:
    """The sum in the base, all blocks together. Raises as ``blocks_of_base`` does."""
    blocks = blocks_of_base(state, base, [name for name in sorted(base.blocks) if not is_ledger_block(name)])
    return add_cells([cells_format.decode(body) for body in blocks.values()])


def rebuild(services: Services, state: ChannelState) -> Rebuilt:
    """Replaces the base by one computed from the ledger and the stored results.

    Damaged blocks and deltas are never read. Concurrent commits stay as deltas beside the new base.
    """
    for _ in range(TRIES):
        base, deltas, ledger = _cut(state)
        entries = _entries(services, state, ledger)
        blocks = _blocks(sum_of_results(services, state.name, entries), entries)
        measures = _measures(blocks)
        if not deltas and _is_in_place(state, base, blocks, measures):
            return Rebuilt(len(entries), False)
        all_blocks = {**dict.fromkeys(base.blocks), **blocks}
        if state.compact(base, deltas, all_blocks, {**dict.fromkeys(base.measures), **measures}) == "ok":
            return Rebuilt(len(entries), True)
    raise InfrastructureError(f"{state.name}: others keep changing the state; try again when intake is quieter")


def _cut(state: ChannelState) -> tuple[Base, dict[str, int], dict[str, str]]:
    """The base, the deltas beside it (pieces by id) and the ledger that both make together, of one moment."""
    for _ in range(TRIES):
        nonce, base = state.nonce(), state.base()
        deltas, ledger = state.delta_pieces(), state.merged()
        if (state.nonce(), state.base().version) == (nonce, base.version):
            return base, deltas, ledger
    raise InfrastructureError(f"{state.name}: others keep changing the state; try again when intake is quieter")


def _entries(services: Services, state: ChannelState, ledger: Mapping[str, str]) -> list[LedgerEntry]:
    """The ledger's entries, with reports from the results. Raises ``DataError`` if a partition is unknown."""
    known = state.partitions(sorted(ledger))
    if lost := ledger.keys() - known.keys():
        raise DataError(
            "bad-state", f"{state.name}: partition {min(lost)} counts and is not known: restore a checkpoint"
        )

    def entry(id: str) -> LedgerEntry:
        return entry_of(known[id], load_result(services.results, state.name, id, ledger[id]))

    return list(in_parallel(entry, sorted(ledger), services.options.transfers))


def _blocks(cells: Cells, entries: Sequence[LedgerEntry]) -> dict[str, bytes]:
    names = sorted({block_of(run) for run in cells.runs})
    number = {name: i for i, name in enumerate(names)}
    parts = split(cells, lambda run: number[block_of(run)])
    out = {name: cells_format.encode(parts[number[name]]) for name in names}
    by_day: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        by_day[ledger_block(entry)].append(entry)
    return {**out, **{name: encode_entries(some) for name, some in by_day.items()}}


def _measures(blocks: Mapping[str, bytes]) -> dict[str, str]:
    """The digests of the measures in these blocks."""
    out: dict[str, str] = {}
    for name, body in blocks.items():
        if not is_ledger_block(name):
            cells = cells_format.decode(body)
            out.update(measure_digests(cells, {run.measure for run in cells.runs}))
    return out


def _is_in_place(state: ChannelState, base: Base, blocks: Mapping[str, bytes], measures: Mapping[str, str]) -> bool:
    digests = {name: digest_of(body) for name, body in blocks.items()}
    return (base.measures, base.blocks) == (measures, digests) and state.blocks(sorted(blocks)) == blocks
