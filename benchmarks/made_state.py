"""A state of any size, made directly as cells: measures × dates × populations, as millions of pings would leave it.

Every measure is exponential: ``BUCKETS`` buckets of which about ``FILLED`` are not zero, a sum, two sums of
logarithms (with fractions), and a number of pings; at each build date and each submission date, for each population.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from telemetry_tasks.core.blocks import PINGS_BLOCK, block_of_measure
from telemetry_tasks.core.cells import Cells, canonical, first_columns
from telemetry_tasks.core.entries import Triples
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.partition import FileRef, LedgerEntry, partition_of
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PINGS, Run
from telemetry_tasks.core.views import only
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.storage.channel_state import ChannelState

VERSION = "nightly/28"
BUCKETS, FILLED = 50, 8
REVISION = "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4"
LAST_DAY = date(2013, 11, 23)


@dataclass(frozen=True)
class Size:
    """The size of the state."""

    measures: int = 1500
    dates: int = 60
    populations: int = 40

    @property
    def lines(self) -> int:
        """Rows of published JSON."""
        return 2 * self.measures * self.dates * self.populations

    def names(self) -> list[str]:
        """The measures."""
        return [f"MEASURE_{i:04}_MS" for i in range(self.measures)]


def rows_of(size: Size) -> list[Row]:
    """All rows, by build and by submission date."""
    days = [(LAST_DAY - timedelta(days=i)).strftime("%Y%m%d") for i in range(size.dates)]
    systems = [("WINNT", "5.1"), ("WINNT", "6.1"), ("Darwin", "13"), ("Linux", "3.8"), ("Android", "16")]
    populations = [
        (("saved_session", "idle_daily")[i % 2], "Firefox", *systems[i // 2 % 5], f"arch{i // 10}")
        for i in range(size.populations)
    ]
    by_build = [Row(day, "", f"{day}030201", REVISION, who) for day in days for who in populations]
    return sorted([*by_build, *(Row("", day, "", "", who) for day in days for who in populations)])


def block_of_cells(rows: list[Row], names: list[str], seed: int) -> Cells:
    """The cells of some measures at every row."""
    random = np.random.default_rng(seed)
    runs = [Run(name, "", histogram_shape(BUCKETS, 0b11000)) for name in sorted(names)]
    firsts = first_columns(runs)
    shape = (len(rows), len(runs), histogram_shape(BUCKETS).width)
    peak = random.integers(6, BUCKETS - 6, (1, len(runs), 1))
    near = np.abs(np.arange(BUCKETS)[None, None, :] - peak - random.integers(-2, 3, shape[:2])[:, :, None])
    numbers = np.zeros(shape, np.int64)
    numbers[:, :, :BUCKETS] = np.where(near <= FILLED // 2, random.integers(1, 400, (*shape[:2], BUCKETS)) >> near, 0)
    counts = numbers[:, :, :BUCKETS].sum(axis=2)
    numbers[:, :, BUCKETS] = counts * 120
    numbers[:, :, BUCKETS + 1] = counts * 4
    numbers[:, :, BUCKETS + 2] = counts * 19
    numbers[:, :, -1] = counts // 3 + 1
    flat = numbers.reshape(len(rows), -1)
    entries = *np.nonzero(flat), flat[flat != 0]
    logs = np.concatenate([firsts[:-1] + BUCKETS + 1, firsts[:-1] + BUCKETS + 2])
    logs.sort()
    fractions = (
        np.repeat(np.arange(len(rows)), len(logs)),
        np.tile(logs, len(rows)),
        random.integers(1, 1 << 40, len(rows) * len(logs)),
    )
    return canonical(rows, runs, Triples(*entries), Triples(*fractions), ())


def pings_block(rows: list[Row]) -> Cells:
    """The run that counts pings."""
    at = np.arange(len(rows))
    none = np.zeros(0, np.int64)
    return canonical(rows, [PINGS], Triples(at, at * 0, at * 0 + 50), Triples(none, none, none), ())


def blocks_of(size: Size, seed: int = 1) -> Iterator[tuple[str, Cells]]:
    """The blocks of the state, one after the other."""
    rows = rows_of(size)
    yield PINGS_BLOCK, pings_block(rows)
    by_block: dict[str, list[str]] = {}
    for name in size.names():
        by_block.setdefault(block_of_measure(name), []).append(name)
    for i, (block, names) in enumerate(sorted(by_block.items())):
        yield block, block_of_cells(rows, names, seed + i)


def entry(number: int) -> LedgerEntry:
    """A partition of two files."""
    keys = [f"saved_session/Firefox/nightly/28.0a1/20131123030201.20131123.v2.log.{number:06}.{i}.gz" for i in range(2)]
    files = [FileRef(key, f"{number:032x}", 1 << 20) for key in keys]
    reports = tuple(FileReport(file.key, file.etag, file.size, "20131123", 1000) for file in files)
    return LedgerEntry(partition_of(VERSION, files), f"{number:064x}", reports)


def load(services: Services, size: Size) -> ChannelState:
    """Puts the whole state into an empty Redis, through commits and compactions as the pipeline does."""
    epoch = services.state.next_epoch()
    services.state.begin_epoch(epoch)
    state = services.state.channel_version(VERSION, epoch)
    state.begin()
    services.state.add_channel_version(VERSION)
    for number, (_, cells) in enumerate(blocks_of(size)):
        commit(state, cells, number)
        compact(state)
    return state


def commit(state: ChannelState, cells: Cells, number: int) -> None:
    """Commits a partition with these cells."""
    added = entry(number)
    partition = added.partition
    answer = state.commit(
        delta_format.encode(Delta(cells, (added,))), {partition.id: added.digest}, register={partition.id: partition}
    )
    assert answer.ok, answer


def change_of(size: Size, names: list[str], seed: int) -> Cells:
    """What a few pings of the newest day add to some measures, without a new population."""
    newest = [row for row in rows_of(size) if LAST_DAY.strftime("%Y%m%d") in row[:2]]
    return only(block_of_cells(newest, names, seed), lambda run: True)


def bytes_of(cells: Cells) -> int:
    """Size of a block as the state keeps it."""
    return len(cells_format.encode(cells))
