"""One partition: its files are read and added up, its result is stored, and noted as finished."""

from telemetry_tasks.core.partition import FileRef, Partition
from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DamagedObject, InfrastructureError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.pipeline.aggregate import PingFile, aggregate
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.give_up import give_up, is_hopeless, retry_delay
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.services import Services


def aggregate_partition(services: Services, channel_version: str, identity: str) -> str:
    """Aggregates a registered partition. What it did: finished, split, given up, or "nothing to do".

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
        return give_up(services, state, partition)
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
    except Exception as error:
        state.note_error(identity, f"{type(error).__name__}: {error}")
        state.release(identity, counts=True, delay=retry_delay(services, attempt))
        raise
    finished = state.finish(identity, digest)
    failpoint("aggregate.after-finish")
    return "finished" if finished else "nothing to do"


def aggregate_files(services: Services, partition: Partition) -> Result:
    """The result over the partition's files as they were discovered."""
    files = (_ping_file(services, file) for file in partition.files)
    options = services.options
    return aggregate(files, services.ping_format, services.limits, budget=options.memory_budget, kernel=options.kernel)


def _ping_file(services: Services, file: FileRef) -> PingFile:
    return PingFile(file.key, lambda: services.input.stream(file.key, if_match=file.etag), file.etag, file.size)
