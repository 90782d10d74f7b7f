"""Restores an empty Redis from the newest intact checkpoint."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import structlog

from telemetry_tasks.core.blocks import is_ledger_block
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.ledger import decode_entries
from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.recovery.checkpoint import find_checkpoints
from telemetry_tasks.pipeline.recovery.saved import SavedState, read_state
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state import Lock
from telemetry_tasks.storage.state_values import Base

log = structlog.get_logger()
OVERTAKEN = "another restore came in between and wins, or the state was lost again"


def ensure_state(services: Services) -> str | None:
    """Restores if the state is empty or overtaken.

    Returns the checkpoint used, "" if there was none, None if there was nothing to do.
    """
    if _is_sound(services):
        return None
    lock = services.state.lock("restore", services.options.restore_lease)
    if not lock.acquire():
        return None
    with _held(lock, services.options.restore_lease):
        return None if _is_sound(services) else restore(services)


def _is_sound(services: Services) -> bool:
    """Whether there is an epoch that no channel/version is ahead of.

    A channel/version can be ahead if the state was lost twice within a restore: a restore that was paused over the loss
    begins an epoch that is over already. The state would refuse all work until a later epoch begins.
    """
    begun = services.state.latest_begun()  # asked first: a restore ends the epoch before it begins the next in any
    epoch = services.state.epoch()
    return epoch is not None and begun <= epoch


@contextmanager
def _held(lock: Lock, seconds: float) -> Iterator[None]:
    """Keeps a lock for as long as the work takes, and no longer than ``seconds`` after its holder was killed."""
    try:
        with renewing(lock.reacquire, seconds):  # if the lock is lost, two restores overlap, and the later one wins
            yield
    finally:
        lock.release()


def restore(services: Services, name: str | None = None) -> str:
    """Begins a new epoch with the state of checkpoint ``name``, or of the newest intact one; returns its stamp.

    From here on, steps in the previous epoch are refused. Raises ``DataError`` if ``name`` is damaged; without a name,
    damaged ones are skipped, and "" means that there was none. Raises ``InfrastructureError`` (retry) if another
    restore interfered.
    """
    names = [name] if name is not None else find_checkpoints(services.published)[::-1]
    for candidate in names:
        try:
            state = read_state(services.published, candidate, services.options.transfers)
        except DataError as error:
            if name is not None:
                raise
            log.error("skipped a damaged checkpoint", checkpoint=candidate, reason=str(error))
            continue
        _load(services, state)
        log.info("restored", checkpoint=candidate, versions=len(state))
        return candidate
    if find_checkpoints(services.published)[::-1] != names:
        raise InfrastructureError("the checkpoints changed while they were read")  # one was removed for a newer one
    epoch = services.state.next_epoch()
    if services.state.begin_epoch(epoch):
        _drop_all_but(services, epoch, ())
    elif services.state.epoch() is not None and not _is_sound(services):
        _load(services, {})
    log.info("began with an empty state: there is no checkpoint")
    return ""


def _load(services: Services, versions: Mapping[str, SavedState]) -> None:
    """A process that dies half way leaves a state without an epoch, which is restored again."""
    failpoint("restore.after-read")
    epoch = services.state.next_epoch()
    if not services.state.begin_restore(epoch):
        raise InfrastructureError(OVERTAKEN)
    failpoint("restore.epoch-ended")
    for name, saved in versions.items():
        state = services.state.channel_version(name, epoch)
        state.begin()
        services.state.add_channel_version(name)
        failpoint("restore.after-begin")
        _load_base(state, saved)
        failpoint("restore.after-base")
        entries = [
            entry for block, body in saved.blocks.items() if is_ledger_block(block) for entry in decode_entries(body)
        ]
        state.load(entries, saved.forgotten, saved.built_with)
        failpoint("restore.after-load")
    _drop_all_but(services, epoch, versions)
    failpoint("restore.before-epoch")
    finished = services.state.finish_restore(epoch)
    failpoint("restore.after-epoch")
    if not finished:
        raise InfrastructureError(OVERTAKEN)


def _drop_all_but(services: Services, epoch: str, kept: Collection[str]) -> None:
    """What other channel/versions have from before is dropped, or it would be taken for this epoch's."""
    for name in services.state.channel_versions():
        if name not in kept:
            services.state.channel_version(name, epoch).begin()


def _load_base(state: ChannelState, saved: SavedState) -> None:
    answer = state.compact(Base(None), {}, saved.blocks, saved.measures)
    if answer != "ok":
        raise InfrastructureError(f"{state.name}: the base could not be put in place ({answer})")
