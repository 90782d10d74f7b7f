"""One partition: its files are read and added up, its result is stored, and it is noted as aggregated."""

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry_tasks.core.partition import FileRef, Partition, partition_of
from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DamagedObject, InfrastructureError, OperatorError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.pipeline.aggregate import set_aside
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from telemetry_tasks.pipeline.aggregate.give_up import (
    REMEMBERED,
    attempts_exhausted,
    give_up,
    may_be_under_way,
    retry_delay,
)
from telemetry_tasks.pipeline.aggregate.work_budget import OverBudget, WorkBudget
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.progress import BytesRead
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

SLOW_ATTEMPTS = 2
"""Attempts at a file alone that takes longer than it may: each of them costs a worker that long."""


def aggregate_partition(services: Services, channel_version: str, identity: str) -> str:
    """Aggregates a registered partition. What it did: aggregated, split, given up, too slow,
    renamed, to be read again, or "nothing to do".

    Whatever raises gave the partition back first. A store that is away costs no attempt; a file that the store does
    not give is set aside; anything else costs an attempt, and the next one waits.
    """
    state = channel_state(services, channel_version)
    attempt = state.start(identity, services.options.lease)
    failpoint("aggregate.after-start")
    partition = state.partitions([identity]).get(identity) if attempt else None
    if partition is None:
        return "nothing to do"
    if not set_aside.was_held(services, identity) and attempts_exhausted(services, partition, attempt):
        if may_be_under_way(services, state, partition):
            return "nothing to do"
        return give_up(services, state, partition)
    mine = with_these_settings(services, partition)
    if mine.id != identity:  # or what is stored under its id would depend on who aggregated it
        state.split(identity, [mine])
        return "renamed"
    lease = services.options.lease
    with renewing(lambda: state.renew(identity, lease), lease):
        return _work(services, state, partition, attempt)


def _work(services: Services, state: ChannelState, partition: Partition, attempt: int) -> str:
    """Reads the partition's files and stores their result; says what it did."""
    try:
        result = _read(services, state, partition, attempt)
    except OverBudget as error:
        return _over_budget(services, state, partition, attempt, str(error))
    if _is_worth_another_look(services, partition, result):
        state.release(partition.id, counts=False, delay=services.options.retry_delay)
        return "to be read again"
    failpoint("aggregate.before-store")
    digest = _stored(services, state, partition, attempt, result)
    failpoint("aggregate.after-store")
    noted = state.note_aggregated(partition.id, digest)
    failpoint("aggregate.after-note")
    return "aggregated" if noted else "nothing to do"


def _read(services: Services, state: ChannelState, partition: Partition, attempt: int) -> Result:
    with _failure_noted(services, state, partition, attempt):
        try:
            options = services.options
            work = WorkBudget(options.file_seconds if len(partition.files) == 1 else options.partition_seconds)
            return aggregate_files(services, partition, work)
        except (InfrastructureError, OperatorError) as error:
            set_aside.give_back(services, state, partition, attempt, error)
            raise


def _over_budget(services: Services, state: ChannelState, partition: Partition, attempt: int, why: str) -> str:
    """Splits a partition that took too much at once; a file alone has a second attempt, in case its worker was slow."""
    state.note_error(partition.id, why)
    if len(partition.files) > 1 or attempt >= SLOW_ATTEMPTS:
        return give_up(services, state, partition, attempt)
    state.release(partition.id, counts=True, delay=retry_delay(services, attempt))
    return "too slow"


def _is_worth_another_look(services: Services, partition: Partition, result: Result) -> bool:
    """Whether a file looks damaged but may only have been transferred wrongly: true once per partition.

    The ETag of a multipart object is not a checksum. A proxy that returns wrong bytes for a while must not put files on
    the list of missing files.
    """
    doubtful = [report for report in result.files if "-" in report.etag and report.was_there and report.error]
    name = f"read-again:{partition.id}"
    if not doubtful or services.state.note(name) is not None:
        return False
    services.state.set_note(name, b"", REMEMBERED)
    return True


def _stored(services: Services, state: ChannelState, partition: Partition, attempt: int, result: Result) -> str:
    with _failure_noted(services, state, partition, attempt):
        try:
            return store_result(services.results, partition, result)
        except (InfrastructureError, OperatorError):  # says nothing of the files, whose turn comes when it is fixed
            state.release(partition.id, counts=False)
            raise


@contextmanager
def _failure_noted(services: Services, state: ChannelState, partition: Partition, attempt: int) -> Iterator[None]:
    """Notes any other error of the block; it costs an attempt."""
    try:
        yield
    except (InfrastructureError, OperatorError, OverBudget):
        raise
    except Exception as error:
        state.note_error(partition.id, f"{type(error).__name__}: {error}")
        state.release(partition.id, counts=True, delay=retry_delay(services, attempt))
        raise


def with_these_settings(services: Services, partition: Partition) -> Partition:
    """The partition of the same files under the settings and rules of this process; itself if they are the same."""
    return partition_of(partition.channel_version, partition.files, partition.generation, services.fingerprint)


def aggregate_files(services: Services, partition: Partition, work: WorkBudget | None = None) -> Result:
    """The result over the partition's files as they were discovered. Raises ``OverBudget`` as ``work`` does."""
    read = BytesRead(partition)
    files = (_ping_file(services, file, read) for file in partition.files)
    options = services.options
    return aggregate(
        files,
        services.format_of(partition.channel_version),
        services.limits,
        budget=options.memory_budget,
        kernel=options.kernel,
        work=work,
        settings=services.reading,
    )


def _ping_file(services: Services, file: FileRef, read: BytesRead) -> PingFile:
    def pieces() -> Iterator[bytes]:
        length = 0
        for piece in read.counted(file.key, services.input.stream(file.key, if_match=file.etag)):
            length += len(piece)
            yield piece
        if file.size and length != file.size:  # of the same ETag: a proxy in between returned something else
            raise DamagedObject(f"{services.input.url}: {file.key} has {file.size} bytes, and {length} were given")

    return PingFile(file.key, pieces, file.etag, file.size)
