"""Results that a reprocessing cannot do without: what it takes out, and what it puts in.

A result may be gone (a retention rule of the bucket) or damaged. Its ping files give the same bytes again for as long
as they are what they were.
"""

import structlog

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import Partition
from telemetry_tasks.errors import UNREADABLE
from telemetry_tasks.formats import partial
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, with_these_settings
from telemetry_tasks.pipeline.results import Stored, load_result, store_result
from telemetry_tasks.pipeline.services import Services

log = structlog.get_logger()


def intact_result(services: Services, partition: Partition, digest: str) -> Stored:
    """The result of this digest, whatever its rules; recomputed and stored again if it is missing or damaged.

    Raises ``UNREADABLE`` if its ping files no longer yield it.
    """
    name = partition.channel_version
    try:
        return load_result(services.results, name, partition.id, digest, any_rules=True)
    except UNREADABLE as error:
        if with_these_settings(services, partition).id != partition.id:
            raise
        result = aggregate_files(services, partition)
        if digest_of(partial.encode(result)) != digest:
            raise
        log.warning("result recomputed", channel_version=name, partition=partition.id, reason=str(error))
        store_result(services.results, partition, result)
        return Stored(digest, result)
