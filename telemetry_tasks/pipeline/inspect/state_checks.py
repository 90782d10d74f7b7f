"""Checks of a channel/version's state: against its ledger, its partial results and their ping files."""

from collections.abc import Iterator

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.blocks import measure_digests
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.errors import UNREADABLE, DamagedObject
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats import partial
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, with_these_settings
from telemetry_tasks.pipeline.inspect.published_rules import (
    Finding,
)
from telemetry_tasks.pipeline.results import load_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.rebuild import sum_of_results
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base


def differing(state: ChannelState, entries: list[LedgerEntry]) -> set[str]:
    """The partitions on which base and ledger disagree, without those of deltas committed during the comparison."""
    listed = {entry.partition.id: entry.digest for entry in entries}
    ledger = state.merged()
    found = {id for id in listed.keys() | ledger.keys() if listed.get(id) != ledger.get(id)}
    if found:  # deltas are read after the ledger: none that it counts can be missing while the base stays
        deltas = [delta_format.decode(body) for body in state.deltas().values()]
        found -= {entry.partition.id for delta in deltas for entry in (*delta.added, *delta.removed)}
    return found


def check_counted_once(state: ChannelState, entries: list[LedgerEntry]) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in entries:
        for file in entry.partition.files:
            if file.key in seen:
                yield Finding(f"{state.name}: {file.key}", "counts in two partitions")
            seen.add(file.key)


def check_partition(services: Services, entry: LedgerEntry) -> Iterator[Finding]:
    partition = entry.partition
    where = f"{partition.channel_version}: partition {partition.id}"
    try:
        stored = load_result(services.results, partition.channel_version, partition.id, entry.digest)
    except UNREADABLE as error:
        yield Finding(where, f"its partial result is gone or damaged: {error}")
        return
    if any((report.error or "").startswith("gave-up") for report in entry.reports):
        return  # nothing to compare with: its files could not be read
    if with_these_settings(services, partition).id != partition.id:
        yield Finding(where, "was aggregated with other limits than those of the settings: reprocess it")
        return
    try:
        again = aggregate_files(services, partition)
    except DamagedObject as error:
        yield Finding(where, f"its ping files cannot be read any more: {error}")
        return
    if partial.encode(again) != partial.encode(stored.result):
        changed = [new.key for new, old in zip(again.files, stored.result.files, strict=False) if new != old]
        yield Finding(
            where, f"its ping files give another result now{': ' + ', '.join(changed[:3]) if changed else ''}"
        )


def check_state(
    services: Services, state: ChannelState, base: Base, have: Cells, entries: list[LedgerEntry]
) -> Iterator[Finding]:
    try:
        right = sum_of_results(services, state.name, entries)
    except UNREADABLE:
        return  # said above, for the partition
    yield from (Finding(f"{state.name}: state", what) for what in differences(have, right))
    digests = measure_digests(have, base.measures)
    for measure, digest in base.measures.items():
        if measure and digests.get(measure) != digest:
            yield Finding(f"{state.name}: state", f"the digest of {measure} is not that of its cells")


def differences(have: Cells, right: Cells) -> Iterator[str]:
    difference = add_cells([have, right], [1, -1])
    for measure in sorted({run.measure for run in difference.runs}):
        yield f"{measure or 'the number of pings'} is not the sum of the partial results"
