"""Checkpoints: the whole state and what is published of it, in S3, from which Redis is restored."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog

from telemetry_tasks.errors import (
    DamagedObject,
    DataError,
    InfrastructureError,
    NotFound,
    PreconditionFailed,
    StaleEpoch,
)
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.checkpoints import CHECKPOINT_LIST, CHECKPOINTS, list_document, read_list
from telemetry_tasks.formats.layouts.contract import SnapshotIndex, VersionRef
from telemetry_tasks.formats.layouts.v1.names import stamp_of
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.metrics import CHECKPOINT_SECONDS, observed
from telemetry_tasks.pipeline.epoch import channel_states, current_epoch
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.publish.channel import write_channel_version
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.folders import STAMPS_TRIED, claim_stamp, put_document, retry_if_collected
from telemetry_tasks.pipeline.publish.snapshot import write_snapshot
from telemetry_tasks.pipeline.recovery.saved import (
    MANIFEST,
    block_key,
    folder,
    manifest_entry,
    read_state,
    write_manifest,
)
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.base_blocks import blocks_of_base
from telemetry_tasks.pipeline.state.compact import consistent
from telemetry_tasks.pipeline.state.owed_checkpoint import note_contained, owed_now
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import Headers, ObjectStore, still
from telemetry_tasks.storage.state_values import Base, BuiltWith

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A finished checkpoint: its stamp, and the number of channel/versions and blocks of state in it."""

    stamp: str
    versions: int
    blocks: int


def list_checkpoints(store: ObjectStore) -> list[str]:
    """The stamps of the checkpoints, oldest first. Raises ``DataError`` if the list is invalid."""
    try:
        return read_list(store.get(CHECKPOINT_LIST).body)
    except NotFound:
        return []


def find_checkpoints(store: ObjectStore) -> list[str]:
    """The stamps of the checkpoints, oldest first; of all that look complete if their list is damaged."""
    try:
        return list_checkpoints(store)
    except (DataError, DamagedObject) as error:
        log.error("the list of checkpoints is damaged", reason=str(error))
    keys = (info.key for info in store.list(f"{CHECKPOINTS}/"))
    return sorted(stamp_of(key) for key in keys if key.endswith(f"/{MANIFEST}"))


def checkpoint(services: Services) -> Checkpoint:
    """Writes a checkpoint, reads it back, and lists it. Raises ``DataError`` if it does not read as written.

    Raises ``InfrastructureError`` if the state was lost or restored during the checkpoint, or if a newer checkpoint was
    listed first.
    """
    epoch = current_epoch(services)
    owed = owed_now(services)  # before any state is read: later switches may not be in it
    name = claim_stamp(services.published, folder, max(list_checkpoints(services.published), default=""))
    failpoint("checkpoint.after-claim")
    try:
        with retry_if_collected(f"checkpoint {name}"):
            versions = _write(services, epoch, name)
    except DataError as error:  # one that is older than the newest listed may be collected before it is whole
        _refuse_older(name, list_checkpoints(services.published), error)
        raise
    failpoint("checkpoint.before-list")
    _list(services, name)
    failpoint("checkpoint.after-list")
    note_contained(services, owed)
    seconds = (services.published.now() - parse_stamp(name)).total_seconds()
    services.state.counters.add(observed(CHECKPOINT_SECONDS, [max(0.0, seconds)]))
    return Checkpoint(name, len(versions), sum(len(entry["blocks"]) for entry in versions.values()))


def _write(services: Services, epoch: str, name: str) -> dict[str, dict[str, Any]]:
    """Writes all of it and reads it back; the entries of its manifest, by channel/version."""
    root = folder(name)
    current = load_current(services.published).index
    refs: dict[str, VersionRef] = {}
    versions: dict[str, dict[str, Any]] = {}
    for state in channel_states(services):
        base, settings = _save_state(services, state, name)
        # read last: a file that a switch removes during the checkpoint must be known as one that may be missing
        versions[state.name] = manifest_entry(base, settings, state.forgotten())
        failpoint("checkpoint.after-state")
        ref = _rendered(services, state, root, current.versions.get(state.name))
        if ref is not None:
            refs[state.name] = ref
    write_snapshot(services, SnapshotIndex(name, refs), root)
    if services.state.epoch() != epoch:
        raise StaleEpoch("the state was lost or restored during the checkpoint, which is discarded")
    failpoint("checkpoint.before-manifest")
    write_manifest(services.published, name, versions)
    read_state(services.published, name, services.options.transfers)
    return versions


def _rendered(services: Services, state: ChannelState, root: str, shown: VersionRef | None) -> VersionRef | None:
    """Writes what readers would see of a channel/version, for people who inspect the checkpoint.

    If it cannot be rendered with these settings, its state is in the checkpoint all the same: that is what counts.
    """
    try:
        return write_channel_version(services, state, root, shown, reuse=False)
    except InfrastructureError:
        raise
    except Exception as error:  # noqa: BLE001 - the state of all others is worth more than what can be rendered again
        reason = f"{type(error).__name__}: {error}"
        log.error("checkpoint without its published documents", channel_version=state.name, reason=reason)
        return None


def _save_state(services: Services, state: ChannelState, name: str) -> tuple[Base, BuiltWith]:
    """Stores every block of the base, all of one version; gives the base, and what it was built with."""
    blocks: dict[str, bytes] = {}
    settings = BuiltWith()

    def read(base: Base) -> None:
        nonlocal settings
        blocks.clear()
        settings = state.built_with()  # a switch to other settings after it changes the base, and this is read again
        blocks.update(blocks_of_base(state, base, sorted(base.blocks)))

    base = consistent(state, read)

    def put(block: str) -> None:
        failpoint("checkpoint.half-state")
        key = block_key(name, state.name, block)
        headers = Headers(metadata={"sha256": base.blocks[block]})
        services.published.put(key, blocks[block], headers=headers)

    stored = in_parallel(put, sorted(blocks), services.options.transfers)
    for _ in counted(stored, len(blocks), f"blocks of {state.name}"):
        pass
    return base, settings


def _refuse_older(name: str, listed: Collection[str], cause: Exception | None = None) -> None:
    newest = max(listed, default="")
    if name < newest:
        message = f"checkpoint {name} is discarded: the newer {newest} was listed first"
        raise InfrastructureError(message) from cause


def _list(services: Services, name: str) -> None:
    """Adds the checkpoint to ``check-points.json``, which only ever gains newer ones.

    So one that is older than the newest one listed, and not listed itself, never will be: it is garbage.
    """
    for _ in range(STAMPS_TRIED):
        try:
            found = services.published.get(CHECKPOINT_LIST)
            names, etag = set(read_list(found.body)), found.etag
        except NotFound:
            names, etag = set(), None
        _refuse_older(name, names)
        document = list_document({*names, name})
        try:
            put_document(services.published, CHECKPOINT_LIST, document, only_if=still(etag))
            return
        except PreconditionFailed:
            continue
    raise DataError("checkpoints-busy", f"{CHECKPOINT_LIST} keeps changing")
