"""Ping files to a result: streaming, in bounded memory, one bad file or line never holding back another."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.fold import fold
from telemetry_tasks.core.ping import Limits, LineCounts
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.errors import DataError, NotFound, PreconditionFailed
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.keys import PingKey
from telemetry_tasks.formats.ping_files import Chunks, blocks
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.scan.simd import SimdScanner

MEMORY_BUDGET = 200 << 20


@dataclass(frozen=True, slots=True)
class PingFile:
    """One ping file to read. ``open`` gives its bytes from the start, as often as it is called."""

    key: str
    open: Chunks
    etag: str = ""
    size: int = 0


class Aggregation:
    """Adds ping files up, channel/version by channel/version. ``budget`` bounds the bytes of dense cells."""

    def __init__(self, ping_format: PingFormat, limits: Limits | None = None, budget: int = MEMORY_BUDGET) -> None:
        self._format, self._limits, self._budget = ping_format, limits or Limits(), budget
        self._open: dict[str, tuple[Accumulator, SimdScanner]] = {}
        self._spilled: dict[str, list[bytes]] = {}
        self._reports: list[FileReport] = []

    def add(self, file: PingFile) -> FileReport:
        """Reads one file. What is wrong with it is in its report; infrastructure that fails raises."""
        counts = LineCounts()
        error: str | None = None
        try:
            key = self._format.key(file.key)
            for block in blocks(file.open):
                self._scan(key, block, counts)
        except DataError as fault:
            error = str(fault)
        except NotFound:
            error = "not-found: the file is not in the bucket any more"
        except PreconditionFailed:
            error = "changed: the file is not the one that was discovered"
        report = FileReport(file.key, file.etag, file.size, counts.good, dict(counts.bad), dict(counts.left_out), error)
        self._reports.append(report)
        return report

    def _scan(self, key: PingKey, block: bytes, counts: LineCounts) -> None:
        name = key.channel_version
        if name not in self._open:
            accumulator = Accumulator()
            self._open[name] = accumulator, SimdScanner(accumulator, self._format, self._limits)
        accumulator, scanner = self._open[name]
        scanner.scan(key, block, counts)
        if accumulator.full or accumulator.size > self._budget // len(self._open):
            self._spill(name)

    def _spill(self, name: str) -> None:
        self._spilled.setdefault(name, []).append(cells_format.encode(self._open[name][0].take()))

    def _cells(self, name: str) -> Cells:
        return fold([*map(cells_format.decode, self._spilled.pop(name, ())), self._open[name][0].take()])

    def result(self) -> Result:
        """What was added so far; to be called once, last."""
        cells = {name: self._cells(name) for name in sorted(self._open)}
        files = tuple(sorted(self._reports, key=lambda report: report.key))
        return Result({name: block for name, block in cells.items() if block.rows}, files)


def aggregate(
    files: Iterable[PingFile],
    ping_format: PingFormat,
    limits: Limits | None = None,
    budget: int = MEMORY_BUDGET,
    progress: Callable[[FileReport], None] = lambda report: None,
) -> Result:
    """The result over ``files``, whatever their order. ``progress`` is told of each file read."""
    aggregation = Aggregation(ping_format, limits, budget)
    for file in files:
        progress(aggregation.add(file))
    return aggregation.result()
