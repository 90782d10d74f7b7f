"""A file that cannot be read for good gets a result that says so: it counts as missing, with its reason."""

from telemetry_tasks.core.partition import Partition
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.redis_state import ChannelState


def give_up(services: Services, state: ChannelState, partition: Partition, reason: str) -> None:
    """Finishes the partition with nothing in it but the reason."""
    reports = tuple(FileReport(file.key, file.etag, file.size, error=reason) for file in partition.files)
    state.finish(partition.id, store_result(services.results, partition, Result({}, reports)))
