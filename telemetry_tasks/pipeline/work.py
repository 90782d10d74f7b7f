"""One partition: its files are read and added up, its result is stored, and noted as finished."""

from collections.abc import Iterator

from telemetry_tasks.core.partition import FileRef, Partition, partition_of
from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DamagedObject, InfrastructureError, OperatorError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.pipeline.aggregate import PingFile, aggregate
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.give_up import give_up, is_hopeless, may_be_under_way, retry_delay
from telemetry_tasks.pipeline.progress import BytesRead
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.services import Services


def aggregate_partition(services: Services, channel_version: str, identity: str) -> str:
    """Aggregates a registered partition. What it did: finished, split, given up, renamed, or "nothing to do".

    Whatever raises gave the partition back first: ``InfrastructureError`` costs no attempt, damage and
    anything else does, and the next one waits.
    """
    state = channel_state(services, channel_version)
    attempt = state.start(identity, services.options.lease)
    failpoint("aggregate.after-start")
    partition = state.partitions([identity]).get(identity) if attempt else None
    if partition is None:
        return "nothing to do"
    if is_hopeless(services, partition, attempt):
        if may_be_under_way(services, state, partition):
            return "nothing to do"
        return give_up(services, state, partition)
    mine = with_these_limits(services, partition)
    if mine.id != identity:  # or what is stored under its id would depend on who aggregated it
        state.split(identity, [mine])
        return "renamed"
    try:
        result = aggregate_files(services, partition)
        failpoint("aggregate.before-store")
        digest = store_result(services.results, partition, result)
        failpoint("aggregate.after-store")
    except DamagedObject as error:  # maybe for good: it must not be tried for ever
        state.note_error(identity, str(error))
        state.release(identity, counts=True, delay=retry_delay(services, attempt))
        raise
    except InfrastructureError:
        state.release(identity, counts=False)
        raise
    except OperatorError as error:  # a key without rights says nothing of the files, whose turn comes when it is mended
        state.note_error(identity, str(error))
        is_of_this_file = _can_be_listed(services)
        state.release(identity, counts=is_of_this_file, delay=retry_delay(services, attempt) if is_of_this_file else 0)
        raise
    except Exception as error:
        state.note_error(identity, f"{type(error).__name__}: {error}")
        state.release(identity, counts=True, delay=retry_delay(services, attempt))
        raise
    finished = state.finish(identity, digest)
    failpoint("aggregate.after-finish")
    return "finished" if finished else "nothing to do"


def _can_be_listed(services: Services) -> bool:
    """Whether the key is good for the input as a whole."""
    try:
        next(iter(services.input.list()), None)
    except (OperatorError, InfrastructureError):
        return False
    return True


def with_these_limits(services: Services, partition: Partition) -> Partition:
    """The partition of the same files under the limits and rules of this process: itself, where they are its own."""
    return partition_of(partition.channel_version, partition.files, partition.generation, services.limits.mark)


def aggregate_files(services: Services, partition: Partition) -> Result:
    """The result over the partition's files as they were discovered."""
    read = BytesRead(partition)
    files = (_ping_file(services, file, read) for file in partition.files)
    options = services.options
    return aggregate(files, services.ping_format, services.limits, budget=options.memory_budget, kernel=options.kernel)


def _ping_file(services: Services, file: FileRef, read: BytesRead) -> PingFile:
    def pieces() -> Iterator[bytes]:
        return read.counted(file.key, services.input.stream(file.key, if_match=file.etag))

    return PingFile(file.key, pieces, file.etag, file.size)
