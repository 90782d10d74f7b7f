"""The merge chord: ``group(download_and_merge …) | reduce_into_state``. A lost one is found by the sweep."""

from telemetry_tasks.app import app
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.merge import fold_slice, reduce_batch
from telemetry_tasks.tasks.context import give_back, log, working


@app.task(name="download_and_merge", ignore_result=False, max_retries=3)
def download_and_merge(channel_version: str, partitions: list[str], batch: str = "") -> list[str]:
    """Folds a slice of a batch; [its key], or nothing: a header that raises would lose the whole chord."""
    with working(channel_version=channel_version, batch=batch) as services:
        try:
            return [fold_slice(services, channel_version, partitions)]
        except InfrastructureError as error:
            give_back("not merged", error)
            return []


@app.task(name="reduce_into_state", max_retries=3)
def reduce_into_state(folds: list[list[str]], channel_version: str, batch: str) -> None:
    """Folds the folds and commits them, once."""
    with working(channel_version=channel_version, batch=batch) as services:
        if not all(folds):
            log.warning("not merged: a slice is missing, the batch is sent again when its lease is over")
            return
        try:
            log.info(
                "reduced", outcome=reduce_batch(services, channel_version, batch, [key for f in folds for key in f])
            )
        except InfrastructureError as error:
            give_back("not merged", error)
