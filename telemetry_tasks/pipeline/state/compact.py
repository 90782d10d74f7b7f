"""Compaction: adds deltas to the base of a channel/version, block by block; unchanged blocks are not touched."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.blocks import block_of, is_ledger_block, ledger_block, measure_digests
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.core.views import split
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.formats.ledger import decode_entries, encode_entries
from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved, blocks_of_base
from telemetry_tasks.pipeline.state.recent_blocks import RecentBlocks
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import PIECE, Base

TRIES = 20
STEP = 64 << 20
"""Stored bytes of deltas that are added at a time: what is added stays added if there is no time for the rest."""


def compact(state: ChannelState, recent: RecentBlocks | None = None, deadline: Deadline | None = None) -> Base:
    """The base after adding all deltas; ``recent`` receives the changed blocks.

    Raises ``InfrastructureError`` if other writers keep winning, ``DataError`` ``bad-state`` if a block to be changed
    is damaged: its content is never added; ``TooSlow`` if the ``deadline`` is over: the next call goes on.
    """
    lost = 0
    while lost < TRIES:
        base, step = state.base(), _step(state.delta_bytes())
        if not step:
            return base
        if deadline is not None:
            deadline.check(f"the compaction of {state.name}")
        try:
            answer = _compact_once(state, base, state.deltas(step), recent or RecentBlocks(0))
        except BaseMoved:
            lost += 1
            continue
        if answer == "stale":
            raise InfrastructureError(f"{state.name}: this epoch is over, the state was restored")
        lost += answer != "ok"
    raise InfrastructureError(f"{state.name}: the base keeps changing, {TRIES} compactions lost")


def _step(sizes: Mapping[str, int]) -> list[str]:
    """The deltas to be added next: at least one, and no more than ``STEP`` bytes of them."""
    step: list[str] = []
    total = 0
    for id, size in sorted(sizes.items()):
        total += size
        if step and total > STEP:
            break
        step.append(id)
    return step


def _compact_once(state: ChannelState, base: Base, deltas: Mapping[str, bytes], recent: RecentBlocks) -> str:
    failpoint("compact.before-read")
    decoded = [delta_format.decode(body) for body in deltas.values()]
    blocks, measures = _cell_blocks(state, base, decoded, recent)
    blocks.update(_ledger_blocks(state, base, decoded))
    pieces = {id: max(1, -(-len(body) // PIECE)) for id, body in deltas.items()}
    failpoint("compact.before-switch")
    answer = state.compact(base, pieces, blocks, measures)
    failpoint("compact.after-switch")
    return answer


def _cell_blocks(
    state: ChannelState, base: Base, deltas: Iterable[Delta], recent: RecentBlocks
) -> tuple[dict[str, bytes | None], dict[str, str | None]]:
    """The changed blocks of cells, and the digests of the changed measures; None for what is empty now."""
    change = add_cells([delta.cells for delta in deltas])
    names = sorted({block_of(run) for run in change.runs})
    number = {name: i for i, name in enumerate(names)}
    parts = split(change, lambda run: number[block_of(run)])
    old = blocks_of_base(state, base, names)
    blocks: dict[str, bytes | None] = {}
    digests: dict[str, str | None] = {}
    for name in names:
        part = parts[number[name]]
        block = add_cells([part, *([cells_format.decode(old[name])] if name in old else ())])
        body = blocks[name] = cells_format.encode(block) if block.rows else None
        if body is not None:
            recent.keep(body, block)
        changed = {run.measure for run in part.runs}
        found = measure_digests(block, changed)
        digests.update({measure: found.get(measure) for measure in changed})
    return blocks, digests


def _ledger_blocks(state: ChannelState, base: Base, deltas: Iterable[Delta]) -> dict[str, bytes | None]:
    """The changed blocks of the ledger, one a day of the partitions' first files.

    Deltas have no order, and a partition that was taken out may have come back: so it is counted how often each
    came and went.
    """
    signed = [(entry, 1) for delta in deltas for entry in delta.added]
    signed += [(entry, -1) for delta in deltas for entry in delta.removed]
    changes: dict[str, list[tuple[LedgerEntry, int]]] = defaultdict(list)
    for entry, sign in signed:
        changes[ledger_block(entry)].append((entry, sign))
    old = blocks_of_base(state, base, sorted(changes))
    out: dict[str, bytes | None] = {}
    for name, change in sorted(changes.items()):
        before = [(entry, 1) for entry in decode_entries(old[name])] if name in old else []
        left = _left([*before, *change])
        out[name] = encode_entries(left) if left else None
    return out


def _left(signed: Iterable[tuple[LedgerEntry, int]]) -> list[LedgerEntry]:
    """The entries that came more often than they went."""
    times: Counter[str] = Counter()
    entries: dict[str, LedgerEntry] = {}
    for entry, sign in signed:
        times[entry.partition.id] += sign
        if sign > 0:
            entries[entry.partition.id] = entry
    return [entry for id, entry in entries.items() if times[id] > 0]


def consistent(state: ChannelState, read: Callable[[Base], object]) -> Base:
    """Compacts, then lets ``read`` read blocks of the base, again until they are all of one version."""
    for _ in range(TRIES):
        base = compact(state)
        try:
            read(base)
        except BaseMoved:
            continue
        if state.base().version == base.version:
            return base
    raise InfrastructureError(f"{state.name}: the base keeps changing while it is read")


def ledger_entries(state: ChannelState, base: Base) -> list[LedgerEntry]:
    """All entries of the base's ledger, by partition. Raises as ``blocks_of_base`` does."""
    blocks = blocks_of_base(state, base, [name for name in sorted(base.blocks) if is_ledger_block(name)])
    entries = [entry for body in blocks.values() for entry in decode_entries(body)]
    return sorted(entries, key=lambda entry: entry.partition.id)
