"""The task that most of the work is in."""

from telemetry_tasks.app import app
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.work import aggregate_partition as aggregate
from telemetry_tasks.tasks.context import give_back, log, working
from telemetry_tasks.tasks.control import send_jobs


@app.task(name="aggregate_partition", max_retries=3)
def aggregate_partition(channel_version: str, partition: str) -> None:
    """Aggregates one partition, and dispatches the next one that waits."""
    with working(channel_version=channel_version, partition=partition) as services:
        try:
            log.info("aggregated", outcome=aggregate(services, channel_version, partition))
        except InfrastructureError as error:
            give_back("given back", error)
            return
        send_jobs(services, renew=False, most=1)
