"""Ping files to a result: streaming, in bounded memory, one bad file or line never holding back another."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.result import CHANGED, NOT_FOUND, FileReport, Result
from telemetry_tasks.errors import DataError, NotFound, PreconditionFailed
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.pings.contract import FileKey, PingFormat
from telemetry_tasks.formats.pings.files import Block, Chunks, blocks
from telemetry_tasks.formats.pings.foreign import LOOK, foreign_content, no_good_line
from telemetry_tasks.pipeline.aggregate.channel_sums import MEMORY_BUDGET, BeyondLimits, ChannelSums
from telemetry_tasks.pipeline.aggregate.file_sums import FileSums, KeptCells
from telemetry_tasks.pipeline.aggregate.read_ahead import batched_by_size, read_ahead
from telemetry_tasks.pipeline.aggregate.work_budget import WorkBudget

AHEAD = 4
"""Handfuls that wait for being read; of large files one is a decoded block of 1 MiB."""

BATCH_BYTES = 256 << 10
"""Bytes of a batch at least, but for its last one."""

BATCH_EVENTS = 64
"""Events of a batch at most: what a task's progress tells is not far behind."""


@dataclass(frozen=True, slots=True)
class PingFile:
    """One ping file to read. ``open`` gives its bytes from the start, as often as it is called."""

    key: str
    open: Chunks
    etag: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class _End:
    """A file was read to its end, or as far as it could be."""

    file: PingFile
    day: str
    error: str | None
    foreign: DataError | None


Event = tuple[FileKey, Block] | _End


def _events(files: Iterable[PingFile], ping_format: PingFormat, limits: Limits) -> Generator[Event, None, None]:
    """The blocks of all files, each file followed by its end. Infrastructure that fails raises."""
    for file in files:
        day = ""
        error: str | None = None
        head: Block = b""
        try:
            key = ping_format.key(file.key)
            day = key.day
            for block in blocks(file.open, limits.line_bytes, limits.decoded_bytes(file.size)):
                if len(head) < LOOK:  # the first block may be one short line
                    head = bytes(head) + bytes(block) if head else block
                yield key, block
        except DataError as fault:
            error = str(fault)
        except NotFound:
            error = f"{NOT_FOUND}: the file is not in the bucket any more"
        except PreconditionFailed:
            error = f"{CHANGED}: the file is not the one that was discovered"
        yield _End(file, day, error, foreign_content(head))


def _size(event: Event) -> int:
    return 0 if isinstance(event, _End) else len(event[1])


def aggregate(
    files: Iterable[PingFile],
    ping_format: PingFormat,
    limits: Limits | None = None,
    budget: int = MEMORY_BUDGET,
    progress: Callable[[FileReport], None] = lambda report: None,
    kernel: str = AUTO,
    work: WorkBudget | None = None,
    settings: str = "",
) -> Result:
    """The result over ``files``, whatever their order. Calls ``progress`` after each file.

    ``budget`` bounds the bytes of dense cells; ``kernel`` names the scanner; ``work`` is what it may take; ``settings``
    is the fingerprint of those that the ping format was made with (``Result.reading``). Problems of a file are in its
    report. Raises if the infrastructure fails, or the budget is used up (``OverBudget``).

    Files are added up together. If the sum has more measures or rows than one file may have, they are read again one by
    one, each cut to its limits. The result is the same if no file exceeds them.
    """
    seen: list[PingFile] = []
    rest = iter(files)
    reading = _Reading(_remembered(rest, seen), ping_format, limits or Limits(), budget, kernel, work, settings)
    try:
        return _together(reading, progress)
    except BeyondLimits:
        return _one_by_one(replace(reading, files=chain(seen, rest)), progress)


def _remembered(files: Iterable[PingFile], seen: list[PingFile]) -> Generator[PingFile, None, None]:
    for file in files:
        seen.append(file)
        yield file


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read, and how."""

    files: Iterable[PingFile]
    ping_format: PingFormat
    limits: Limits
    budget: int
    kernel: str
    work: WorkBudget | None
    settings: str

    def events(self) -> Generator[Event, None, None]:
        """The blocks of all files, prefetched. Raises ``OverBudget`` if the time is over."""
        events = batched_by_size(_events(self.files, self.ping_format, self.limits), _size, BATCH_BYTES, BATCH_EVENTS)
        with closing(read_ahead(events, AHEAD)) as ahead:
            for batch in ahead:
                if self.work is not None:
                    self.work.check_time()
                yield from batch

    def result(self, cells: Mapping[str, Cells], reports: Iterable[FileReport]) -> Result:
        """The result of these cells and files."""
        files = tuple(sorted(reports, key=lambda report: report.key))
        return Result(cells, files, self.settings, (self.limits.fingerprint,))


def _together(reading: _Reading, progress: Callable[[FileReport], None]) -> Result:
    sums = ChannelSums(reading.ping_format, reading.limits, reading.budget, reading.kernel)
    reports: list[FileReport] = []
    counts = LineCounts()
    with closing(reading.events()) as events:
        for event in events:
            if isinstance(event, _End):
                reports.append(_report(event, counts))
                progress(reports[-1])
                counts = LineCounts()
            else:
                sums.add(*event, counts)
    return reading.result(sums.take(), reports)


def _one_by_one(reading: _Reading, progress: Callable[[FileReport], None]) -> Result:
    kept = KeptCells(reading.limits, reading.work)
    reports: list[FileReport] = []
    sums: FileSums | None = None
    counts = LineCounts()
    with closing(reading.events()) as events:
        for event in events:
            if not isinstance(event, _End):
                key, block = event
                if sums is None:
                    sums = FileSums(key, reading.ping_format, reading.limits, reading.budget, reading.kernel)
                sums.add(block, counts)
                continue
            if sums is not None:
                kept.add(sums.channel_version, sums.take(counts))
            reports.append(_report(event, counts))
            progress(reports[-1])
            sums, counts = None, LineCounts()
    return reading.result(kept.take(), reports)


def _report(end: _End, counts: LineCounts) -> FileReport:
    file, error, bad = end.file, end.error, dict(counts.bad)
    if not counts.good and error is None:
        error = no_good_line(end.foreign, bad)
        if end.foreign is not None and error == str(end.foreign):
            bad = {}  # what is not text has no lines
    return FileReport(file.key, file.etag, file.size, end.day, counts.good, bad, dict(counts.left_out), error)
