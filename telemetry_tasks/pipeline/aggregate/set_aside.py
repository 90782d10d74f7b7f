"""Files that the object store does not give: archived, forbidden, damaged there, or answered by errors each time.

They say nothing of their neighbours, so they are taken out of the partition that they share. And they say nothing of
their own content: such a file is not given up, but tried again at growing intervals until the store gives it, or
says that it is gone.
"""

import structlog

from telemetry_tasks.core.partition import FileRef, Partition, partition_of
from telemetry_tasks.errors import (
    DamagedObject,
    InfrastructureError,
    NotFound,
    OperatorError,
    PreconditionFailed,
)
from telemetry_tasks.pipeline.aggregate.give_up import REMEMBERED, retry_delay
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

log = structlog.get_logger()
LONGEST = 3600.0
"""Seconds between two attempts at a file alone, at most, unless the first delay is longer."""

PAUSE = 15.0
"""Seconds between two attempts, at most, while the store gives no file at all."""


def was_held(services: Services, partition: str) -> bool:
    """Whether the last attempt failed because the store did not give the file. Forgotten by asking.

    So an attempt that ends without a word, because it kills its worker, is counted like any other.
    """
    name = f"held:{partition}"
    if services.state.note(name) is None:
        return False
    services.state.drop_note(name)
    return True


def give_back(
    services: Services,
    state: ChannelState,
    partition: Partition,
    attempt: int,
    error: InfrastructureError | OperatorError,
) -> None:
    """Gives back a partition of which the store did not give a file.

    If it gives other files of the partition, those that it does not give are set aside. If it gives none, or cannot
    be listed, the store is at fault, or the key: the attempt does not count, and the whole is tried again.
    """
    if not _can_be_listed(services) or _may_pass_at_once(services, partition, error):
        state.release(partition.id, counts=False)
        return
    state.note_error(partition.id, str(error))
    if len(partition.files) == 1:
        services.state.set_note(f"held:{partition.id}", b"", REMEMBERED)
        state.release(partition.id, counts=True, delay=_delay(services, attempt))
    elif not _set_aside(services, state, partition):
        state.release(partition.id, counts=False, delay=min(services.options.retry_delay, PAUSE))


def _delay(services: Services, attempt: int) -> float:
    return min(retry_delay(services, min(attempt, 30)), max(LONGEST, services.options.retry_delay))


def _may_pass_at_once(services: Services, partition: Partition, error: InfrastructureError | OperatorError) -> bool:
    """Whether one more attempt may do: any store has such an error now and then, and it came for the first time."""
    if isinstance(error, DamagedObject | OperatorError):
        return False
    name = f"failed:{partition.id}"
    if services.state.note(name) is not None:
        return False
    services.state.set_note(name, b"", REMEMBERED)
    return True


def _can_be_listed(services: Services) -> bool:
    """Whether the store answers, and the key is good for the input as a whole."""
    try:
        next(iter(services.input.list()), None)
    except (OperatorError, InfrastructureError):
        return False
    return True


def _set_aside(services: Services, state: ChannelState, partition: Partition) -> bool:
    """Puts unreadable files into partitions of their own; False if no file, or every file, is unreadable."""
    reasons = dict(
        zip(
            partition.files,
            in_parallel(lambda file: _refusal(services, file), partition.files, services.options.transfers),
            strict=True,
        )
    )
    given = [file for file, reason in reasons.items() if reason is None]
    if not 0 < len(given) < len(reasons):
        return False
    parts = {_part(services, partition, [file]): reason for file, reason in reasons.items() if reason is not None}
    if state.split(partition.id, [_part(services, partition, given), *parts]):
        for part, reason in parts.items():
            state.note_error(part.id, reason or "")
        log.warning(
            "set aside", files=len(parts), example=next(iter(parts)).files[0].key, reason=next(iter(parts.values()))
        )
    return True


def _part(services: Services, whole: Partition, files: list[FileRef]) -> Partition:
    return partition_of(whole.channel_version, files, whole.generation, services.fingerprint)


def _refusal(services: Services, file: FileRef) -> str | None:
    """Why the store does not give the whole file; None if it does, or says that it is another one or gone."""
    try:
        for _ in services.input.stream(file.key, if_match=file.etag):
            pass
    except (OperatorError, InfrastructureError) as error:
        return str(error)
    except (NotFound, PreconditionFailed):
        return None
    return None
