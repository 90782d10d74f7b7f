"""The interface of the old system: results that other programs computed are merged like partial results of our own."""

import io
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import structlog

from telemetry_tasks.core.partition import FileRef, Partition, partition_of
from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DataError, NotFound, StaleEpoch
from telemetry_tasks.formats.documents import unpacked
from telemetry_tasks.formats.messages import FinishedTask, finished_task
from telemetry_tasks.formats.result_text import import_lines
from telemetry_tasks.pipeline.epoch import current_epoch, ensure_epoch
from telemetry_tasks.pipeline.intake.discover import channel_version_of
from telemetry_tasks.pipeline.intake.queue_drain import Drained, received, set_aside
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.results import not_counted, store_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.queues import Message, MessageQueue

log = structlog.get_logger()
RESULT = "result.txt"
ENOUGH = 1000


def drain_finished(
    services: Services,
    queue: MessageQueue,
    analysis: ObjectStore,
    clock: Callable[[], datetime],
    dead_letters: MessageQueue | None = None,
    seconds: float = 60.0,
    wait: float = 20.0,
) -> Drained:
    """Registers the results of finished tasks, many at a time; deletes a message once its files are registered.

    Raises ``EmptyState`` or ``StaleEpoch`` if the state was lost; the messages are then delivered again.
    """
    drained = Drained()
    epoch = current_epoch(services)
    for messages in received(queue, seconds, ENOUGH, clock, wait):
        outcomes = list(in_parallel(lambda m: _take(services, analysis, m), messages, services.options.transfers))
        ensure_epoch(services, epoch, "finished tasks")
        for message, error in zip(messages, outcomes, strict=True):
            if error is None:
                queue.delete([message])
                drained.messages += 1
            else:
                drained.poison += set_aside(queue, dead_letters, message, error)
    return drained


def _take(services: Services, analysis: ObjectStore, message: Message) -> DataError | None:
    try:
        take_task(services, analysis, finished_task(message.body))
    except DataError as error:
        return error
    return None


def take_task(services: Services, analysis: ObjectStore, task: FinishedTask) -> None:
    """Registers the task's files with its result, one partition per channel/version. Idempotent.

    Without a result the files are missing. Raises ``DataError`` if the result cannot be read.
    """
    failed = task.prefix is None
    cells = {} if failed else dict(_result(services, analysis, f"{task.prefix}{RESULT}").cells)
    error = f"task {task.id} failed" if failed else None
    by_name: dict[str, list[FileRef]] = defaultdict(list)
    for key in task.files:
        by_name[channel_version_of(services, key)].append(_file(services, key, task.id))
    strangers = set(cells) - set(by_name)
    if strangers:
        raise DataError("bad-result", f"task {task.id} has cells of {min(strangers)}, and no file of it")
    for name, files in sorted(by_name.items()):
        partition = partition_of(name, files, settings=services.fingerprint)
        reports = not_counted(services, partition.files, error)
        result = Result({name: cells[name]} if name in cells else {}, reports, services.reading)
        _register(services, partition, result)


def _file(services: Services, key: str, task: str) -> FileRef:
    """The ping file as it is in the input bucket, if it exists."""
    info = services.input.head(key)
    return FileRef(key, f"task-{task}", 0) if info is None else FileRef(key, info.etag, info.size)


def _result(services: Services, analysis: ObjectStore, key: str) -> Result:
    try:
        body = analysis.get(key).body
    except NotFound as error:
        raise DataError("bad-result", f"{analysis.url}/{key} is not there") from error
    try:
        lines = io.BytesIO(unpacked(body))
    except ValueError as error:
        raise DataError("bad-result", f"{analysis.url}/{key}: {error}") from error
    return import_lines(lines, len(services.ping_format.dimensions), key)


def _register(services: Services, partition: Partition, result: Result) -> None:
    state = services.state.channel_version(partition.channel_version, current_epoch(services))
    state.begin()
    services.state.add_channel_version(partition.channel_version)
    digest = store_result(services.results, partition, result)  # first: a worker that is as quick finds it
    taken = state.register(partition)
    if taken is None:
        raise StaleEpoch(f"{partition.channel_version}: this epoch is over, the message comes again")
    if taken and partition.id not in state.partitions([partition.id]):
        log.warning("files of a finished task are counted already", example=taken[0], files=len(taken))
        return
    state.note_aggregated(partition.id, digest)
