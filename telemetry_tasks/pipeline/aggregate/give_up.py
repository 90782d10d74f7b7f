"""What is done with a partition that will not be aggregated.

First it is split, so that one file holds back no other; a file alone that fails as well gets a result that says
why, and so is on the list of missing files.
"""

from telemetry_tasks.core.partition import Partition, partition_of
from telemetry_tasks.core.result import Result
from telemetry_tasks.pipeline.results import not_counted, store_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

REMEMBERED = 7 * 86400.0
"""Seconds for which it is known that a lease was waited for: longer than between two sweeps, however short it is."""


def attempts_exhausted(services: Services, partition: Partition, attempt: int) -> bool:
    """Whether this attempt is one too many. Files that share a partition have half of the attempts in common."""
    most = services.options.max_attempts
    return attempt > (most if len(partition.files) == 1 else max(1, most // 2))


def may_be_under_way(services: Services, state: ChannelState, partition: Partition) -> bool:
    """Whether another worker may still be reading a file whose attempts are used up: true for one lease.

    A message that the broker redelivers while its task runs (its clock or timeout is wrong) also begins an attempt, and
    no attempt reports a failure. A file that kills its workers is given up one lease later.
    """
    if len(partition.files) > 1 or state.error(partition.id) is not None:
        return False
    waited, waits = f"waited:{partition.id}", f"waits:{partition.id}"
    lease = services.options.lease
    if services.state.note(waited) is not None:
        return services.state.note(waits) is not None
    # both end by themselves: one a little before the lease, after which a sweep sends the partition again
    services.state.set_note(waits, b"", max(0.9 * lease, 0.001))
    services.state.set_note(waited, b"", max(20 * lease, REMEMBERED))
    return True


def retry_delay(services: Services, attempt: int) -> float:
    """Seconds until the attempt after this one, twice as long each time.

    Else a deployed bug that fails on every file would use up the attempts of all files within seconds.
    """
    return services.options.retry_delay * 2.0 ** (attempt - 1)


def give_up(services: Services, state: ChannelState, partition: Partition, attempts: int | None = None) -> str:
    """Splits the partition, or finishes it with nothing but the reason; says which. ``attempts`` failed, or all."""
    if len(partition.files) > 1:
        name, generation = partition.channel_version, partition.generation
        parts = [partition_of(name, [file], generation, services.fingerprint) for file in partition.files]
        state.split(partition.id, parts)
        return "split"
    why = state.error(partition.id) or "the worker was lost or killed each time"
    error = f"gave-up: {attempts or services.options.max_attempts} attempts failed; {why}"
    result = Result({}, not_counted(services, partition.files, error), services.reading)
    state.note_aggregated(partition.id, store_result(services.results, partition, result))
    return "given up"
