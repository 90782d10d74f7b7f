"""One partition: its files are read and added up, its result is stored, and noted as finished."""

from telemetry_tasks.core.partition import FileRef, Partition
from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.aggregate import PingFile, aggregate
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.services import Services


def aggregate_partition(services: Services, channel_version: str, identity: str) -> str:
    """Aggregates a registered partition. What it did: ``finished``, or why there was nothing to do.

    Raises ``InfrastructureError`` after giving the partition back.
    """
    state = channel_state(services, channel_version)
    partition = state.partitions([identity]).get(identity)
    if partition is None:
        return "unknown"
    try:
        result = aggregate_files(services, partition)
        digest = store_result(services.results, partition, result)
    except InfrastructureError:
        state.release(identity)
        raise
    return "finished" if state.finish(identity, digest) else "finished before"


def aggregate_files(services: Services, partition: Partition) -> Result:
    """The result over the partition's files as they were discovered."""
    files = (_ping_file(services, file) for file in partition.files)
    return aggregate(files, services.ping_format, services.limits, services.options.memory_budget)


def _ping_file(services: Services, file: FileRef) -> PingFile:
    return PingFile(file.key, lambda: services.input.stream(file.key, if_match=file.etag), file.etag, file.size)
