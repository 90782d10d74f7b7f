"""The task that most of the work is in."""

import time

from telemetry_tasks.app import app
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.aggregate import partition as partitions
from telemetry_tasks.tasks.context import NEXT_ATTEMPT, give_back, log, working
from telemetry_tasks.tasks.control import merge_the_last, send_next_job
from telemetry_tasks.tasks.tracing import note_span


@app.task(name="aggregate_partition", max_retries=3, default_retry_delay=NEXT_ATTEMPT)
def aggregate_partition(channel_version: str, partition: str) -> None:
    """Aggregates one partition, and dispatches the next one that waits."""
    began = time.time()
    with working(channel_version=channel_version, partition=partition) as services:
        try:
            outcome = partitions.aggregate_partition(services, channel_version, partition)
            log.info("aggregated", outcome=outcome)
        except InfrastructureError as error:
            give_back("given back", error)
            return
        note_span("aggregate", [partition], began, channel_version=channel_version, outcome=outcome)
        send_next_job(services)
        merge_the_last(services, channel_version)
