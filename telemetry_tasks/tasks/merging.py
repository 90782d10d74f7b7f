"""The merge chord: ``group(download_and_merge …) | reduce_into_state``. A lost one is found by the sweep."""

import time
from contextlib import suppress

from telemetry_tasks.app import app
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.pipeline.deadline import TooSlow
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.state import merge
from telemetry_tasks.pipeline.state.state_size import make_room
from telemetry_tasks.tasks.context import failed, give_back, log, working
from telemetry_tasks.tasks.failures import remember
from telemetry_tasks.tasks.tracing import is_on, note_span


@app.task(name="download_and_merge", ignore_result=False, max_retries=3)
def download_and_merge(channel_version: str, partitions: list[str], batch: str = "") -> list[str]:
    """Adds up a slice of a batch; [its key], or []: a chord header that raises would lose the whole chord."""
    began = time.time()
    with working(channel_version=channel_version, batch=batch) as services:
        try:
            with merge.at_work(services, channel_version, batch):
                key = merge.merge_slice(services, channel_version, partitions)
        except Exception as error:  # noqa: BLE001 - a header that raised would lose the whole chord
            failed("not merged", error)
            return []
        note_span("merge", partitions, began, channel_version=channel_version, batch=batch)
        return [key]


@app.task(name="compact", max_retries=3)
def compact(channel_version: str) -> None:
    """Adds deltas to the base, as many as there is time for; the next merge round sends it again for the rest."""
    with working(channel_version=channel_version) as services:
        try:
            make_room(services, channel_version)
        except (DataError, InfrastructureError, TooSlow) as error:
            give_back("not compacted", error)


@app.task(name="reduce_into_state", max_retries=3)
def reduce_into_state(slices: list[list[str]], channel_version: str, batch: str) -> None:
    """Adds the merged slices and commits the sum, once."""
    began = time.time()
    with working(channel_version=channel_version, batch=batch) as services:
        if not all(slices):
            log.warning("not merged: one of its tasks failed, the next merge round sends the batch again")
            with suppress(InfrastructureError):  # then its lease ends by itself
                merge.give_back(services, channel_version, batch)
            return
        try:
            found = channel_state(services, channel_version).batch(batch) if is_on() else None
            with merge.at_work(services, channel_version, batch):
                outcome = merge.reduce_batch(services, channel_version, batch, [key for keys in slices for key in keys])
        except DataError as error:  # at once it would be the same again
            give_back("not merged", error)
            return
        except InfrastructureError as error:
            give_back("not merged", error)
            with suppress(InfrastructureError):
                merge.give_back(services, channel_version, batch)
            return
        if outcome == merge.SLICE_GONE:
            remember("reduce_into_state", merge.SLICE_GONE)
        log.info("reduced", outcome=outcome)
        note_span("commit", found.partitions if found else (), began, channel_version=channel_version, outcome=outcome)
