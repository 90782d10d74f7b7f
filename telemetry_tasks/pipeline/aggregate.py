"""Ping files to a result: streaming, in bounded memory, one bad file or line never holding back another."""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import chain

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.result import CHANGED, NOT_FOUND, FileReport, Result
from telemetry_tasks.errors import DataError, NotFound, PreconditionFailed
from telemetry_tasks.formats.foreign import foreign_content, no_good_line
from telemetry_tasks.formats.keys import PingKey
from telemetry_tasks.formats.ping_files import Block, Chunks, blocks
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.scan import AUTO
from telemetry_tasks.pipeline.channel_sums import MEMORY_BUDGET, ChannelSums
from telemetry_tasks.pipeline.read_ahead import handfuls, read_ahead

AHEAD = 4
"""Handfuls that wait for being read; of large files one is a decoded block of 1 MiB."""

HANDFUL = 256 << 10
"""Bytes of a handful at least, but for its last one."""

MOST_EVENTS = 64
"""Events of a handful at most: what a task's progress tells is not far behind."""


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
    error: str | None
    foreign: DataError | None


Event = tuple[PingKey, Block] | _End


def _events(files: Iterable[PingFile], ping_format: PingFormat, limits: Limits) -> Generator[Event, None, None]:
    """The blocks of all files, each file followed by its end. Infrastructure that fails raises."""
    for file in files:
        error: str | None = None
        foreign: DataError | None = None
        first = True
        try:
            key = ping_format.key(file.key)
            for block in blocks(file.open, limits.line_bytes, limits.file_bytes):
                if first:
                    foreign, first = foreign_content(block), False
                yield key, block
        except DataError as fault:
            error = str(fault)
        except NotFound:
            error = f"{NOT_FOUND}: the file is not in the bucket any more"
        except PreconditionFailed:
            error = f"{CHANGED}: the file is not the one that was discovered"
        yield _End(file, error, foreign)


def _size(event: Event) -> int:
    return 0 if isinstance(event, _End) else len(event[1])


def aggregate(
    files: Iterable[PingFile],
    ping_format: PingFormat,
    limits: Limits | None = None,
    budget: int = MEMORY_BUDGET,
    progress: Callable[[FileReport], None] = lambda report: None,
    kernel: str = AUTO,
) -> Result:
    """The result over ``files``, whatever their order. ``progress`` is told of each file read.

    ``budget`` bounds the bytes of dense cells; ``kernel`` names the scanner. What is wrong with a file is in its
    report; infrastructure that fails raises.
    """
    limits = limits or Limits()
    sums = ChannelSums(ping_format, limits, budget, kernel)
    reports: list[FileReport] = []
    counts = LineCounts()
    events = handfuls(_events(files, ping_format, limits), _size, HANDFUL, MOST_EVENTS)
    with closing(read_ahead(events, AHEAD)) as ahead:
        for event in chain.from_iterable(ahead):
            if isinstance(event, _End):
                reports.append(_report(event, counts))
                progress(reports[-1])
                counts = LineCounts()
            else:
                sums.add(*event, counts)
    return Result(sums.take(), tuple(sorted(reports, key=lambda report: report.key)), (limits.mark,))


def _report(end: _End, counts: LineCounts) -> FileReport:
    file, error, bad = end.file, end.error, dict(counts.bad)
    if not counts.good and error is None:
        error = no_good_line(end.foreign, bad)
        if end.foreign is not None and error == str(end.foreign):
            bad = {}  # what is not text has no lines
    return FileReport(file.key, file.etag, file.size, counts.good, bad, dict(counts.left_out), error)
