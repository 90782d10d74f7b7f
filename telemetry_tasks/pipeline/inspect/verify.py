"""Recomputes and compares ping files, partial results, state, snapshot and checkpoint. Reports differences."""

import random
from collections.abc import Callable, Iterator

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.errors import UNREADABLE, DataError
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.checkpoint_checks import check_newest_checkpoint
from telemetry_tasks.pipeline.inspect.published_rules import (
    PUBLISH,
    Finding,
    check_published,
    fetcher,
    repaired_by,
)
from telemetry_tasks.pipeline.inspect.snapshot_checks import check_newest_snapshot, check_rendering
from telemetry_tasks.pipeline.inspect.state_checks import check_counted_once, check_partition, check_state, differing
from telemetry_tasks.pipeline.other_settings import other_settings, sentence
from telemetry_tasks.pipeline.publish.current import is_published
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import consistent, ledger_entries
from telemetry_tasks.pipeline.state.rebuild import sum_of_base
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

Progress = Callable[[str], None]
REPROCESS = "telemetry-tasks reprocess"
REBUILD = f"{REPROCESS} --from-results"
CHECKPOINT = "telemetry-tasks checkpoint"


def verify(
    services: Services, sample: float = 1.0, seed: int = 0, progress: Progress = lambda what: None
) -> Iterator[Finding]:
    """All findings. ``sample`` is the share of the partitions that are recomputed from their ping files."""
    choice = random.Random(seed)
    for state in channel_states(services):
        try:
            checks = _check_channel_version(services, state, lambda: choice.random() < sample, progress)
            yield from repaired_by(f"{REBUILD} {_of(state.name)}", checks)
        except UNREADABLE as error:
            yield Finding(f"{state.name}: state", f"cannot be read: {error}", f"{REBUILD} {_of(state.name)}")
    progress("snapshot")
    try:
        yield from repaired_by(PUBLISH, check_newest_snapshot(services))
    except UNREADABLE as error:
        yield Finding("snapshot", str(error), PUBLISH)
    progress("checkpoint")
    yield from repaired_by(CHECKPOINT, check_newest_checkpoint(services))
    progress("published rules")
    if is_published(services.published):
        yield from repaired_by(PUBLISH, check_published(fetcher(services.published, services.layout), services.layout))


def _of(name: str) -> str:
    """The options that name a channel/version."""
    channel, _, version = name.partition("/")
    return f"--channel {channel} --version {version}"


def _check_channel_version(
    services: Services, state: ChannelState, chosen: Callable[[], bool], progress: Progress
) -> Iterator[Finding]:
    progress(f"{state.name}: ledger")
    changed = other_settings(services, state)
    if changed is not None:
        yield Finding(f"{state.name}: settings", sentence(state.name, changed))
        return  # nothing of it can be computed again to compare with
    held: list[LedgerEntry] = []
    disputed: set[str] = set()
    have: Cells | DataError = Cells()

    def read(base: Base) -> None:
        nonlocal have, disputed
        held[:] = ledger_entries(state, base)
        disputed = differing(state, held)
        try:
            have = sum_of_base(state, base)
        except DataError as error:  # the rest can be checked all the same
            have = error

    base = consistent(state, read)
    if disputed:
        yield Finding(f"{state.name}: ledger", "the base and the ledger do not hold the same partitions")
    yield from check_counted_once(state, held)
    for entry in held:
        if chosen():
            progress(f"{state.name}: partition {entry.partition.id}")
            yield from repaired_by(f"{REPROCESS} {_of(state.name)}", check_partition(services, entry))
    progress(f"{state.name}: state")
    if isinstance(have, DataError):
        yield Finding(f"{state.name}: state", str(have))
        return  # nothing can be rendered from it
    yield from check_state(services, state, base, have, held)
    progress(f"{state.name}: snapshot")
    try:
        yield from repaired_by(PUBLISH, check_rendering(services, state, base, held))
    except UNREADABLE as error:
        yield Finding(f"{state.name}: snapshot", f"cannot be compared with the state: {error}", PUBLISH)
