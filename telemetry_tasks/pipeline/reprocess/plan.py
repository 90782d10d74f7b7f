"""The plan of a reprocessing: which partitions are recomputed, from which files, channel/version by channel/version."""

import hashlib
from collections.abc import Iterable

from telemetry_tasks.core.partition import FileRef, LedgerEntry, partition_of
from telemetry_tasks.errors import UNREADABLE
from telemetry_tasks.formats.job import JobPlan, Replacement
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.intake.discover import channel_version_of
from telemetry_tasks.pipeline.other_settings import ensure_same_settings
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.reprocess.selection import Selection, selected
from telemetry_tasks.pipeline.results import load_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import consistent, ledger_entries
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base


def plan_jobs(services: Services, selection: Selection) -> list[JobPlan]:
    """What a reprocessing would do, channel/version by channel/version. Writes nothing but compacted state.

    Raises ``OtherSettings`` if it is a part of a channel/version that was added up with other settings.
    """
    jobs = []
    for state in channel_states(services):
        if not selection.takes_channel_version(state.name):
            continue
        all_entries = entries_of(state)
        entries = selected(all_entries, selection, services.file_key)
        entries = [entry for entry in entries if _is_concerned(services, state.name, entry, selection)]
        if entries and len(entries) < len(all_entries):
            ensure_same_settings(services, state)
        if entries:
            jobs.append(plan_of(services, state.name, entries))
    return jobs


def plan_of(services: Services, name: str, entries: Iterable[LedgerEntry]) -> JobPlan:
    """The job that recomputes these partitions of a channel/version."""
    replacements = [_replacement(services, entry) for entry in entries]
    text = "\n".join(f"{r.old} {r.new.id if r.new else '-'}" for r in sorted(replacements, key=lambda r: r.old))
    return JobPlan(hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()[:16], name, tuple(replacements))


def entries_of(state: ChannelState) -> list[LedgerEntry]:
    """The ledger of this moment."""
    found: list[LedgerEntry] = []

    def read(base: Base) -> None:
        found[:] = ledger_entries(state, base)

    consistent(state, read)
    return found


def _is_concerned(services: Services, name: str, entry: LedgerEntry, selection: Selection) -> bool:
    """Whether the result of a partition holds what the selection asks for."""
    if not selection.asks_result(entry, services.file_key):
        return True
    try:
        return selection.takes_result(load_result(services.results, name, entry.partition.id).result)
    except UNREADABLE:
        return True  # it has to be computed to know


def _replacement(services: Services, entry: LedgerEntry) -> Replacement:
    """The same files as they are in the bucket now; those that are gone are left out.

    So are those that a changed ping format puts into another channel/version: the next discovery finds them again.
    """
    old = entry.partition

    def now(file: FileRef) -> FileRef | None:
        info = services.input.head(file.key)
        return None if info is None else FileRef(info.key, info.etag, info.size)

    found = (file for file in in_parallel(now, old.files, services.options.transfers) if file is not None)
    files = [file for file in found if channel_version_of(services, file.key) == old.channel_version]
    new = partition_of(old.channel_version, files, old.generation + 1, services.fingerprint) if files else None
    return Replacement(old.id, entry.digest, new)
