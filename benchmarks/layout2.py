"""What a measure costs to encode and to keep, in layout 1 and in layout 2: CPU milliseconds and KiB a measure.

    python benchmarks/layout2.py [--measures 20] [--dates 60] [--populations 40] [--rounds 3] [--json]

Made tables: 50 buckets around a mode, fractions in the sums of logarithms, all dates by build and by submission.
Layout 2 is encoded once by the C part and once by numpy; one pack a month. Both layouts take turns, medians of rounds.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import KINDS_OF_DATE
from telemetry_tasks.core.ranges import range_of
from telemetry_tasks.core.tables.index import Key, TableIndex
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.layouts.v1.layout import LAYOUT_1
from telemetry_tasks.formats.layouts.v2 import varints
from telemetry_tasks.formats.layouts.v2.from_tables import KIND_OF, Places, numbers_of, published_shape, totals_of
from telemetry_tasks.formats.layouts.v2.pack import Entry, Pack, encode_entry, encode_pack

BUCKETS = 50
SHAPE = histogram_shape(BUCKETS)
DEFINITION = {"kind": "enumerated", "description": "made", "low": 1, "high": 49, "n_values": BUCKETS - 1}


def made_index(dates: int, populations: int) -> TableIndex:
    """Days of 28-day months from November 2025 on."""
    days = [f"{2025 + (10 + i // 28) // 12}{(10 + i // 28) % 12 + 1:02d}{1 + i % 28:02d}" for i in range(dates)]
    options = [(f"option {number:03d}", "x86") for number in range(populations)]
    return TableIndex(
        sorted(Key(by, day, population) for by in KINDS_OF_DATE for day in days for population in options)
    )


def made_table(name: str, index: TableIndex, chance: np.random.Generator) -> Table:
    """A measure with records in all rows."""
    lines = len(index)
    mode = np.exp(-(((np.arange(BUCKETS) - chance.integers(5, 45)) / 6.0) ** 2)) * 8
    whole = np.zeros((lines, SHAPE.width), np.int64)
    whole[:, :BUCKETS] = chance.poisson(mode, (lines, BUCKETS))
    sums = SHAPE.sum_columns.start
    for column, most in enumerate((10**7, 10**4, 10**5, 2**31, 10)):
        whole[:, sums + column] = chance.integers(0, most, lines)
    whole[:, -1] = chance.integers(1, 200, lines)
    fractions = chance.integers(0, 1 << 40, (lines, 2))
    known = np.repeat(whole[:, -1:], len(SHAPE.sums), 1)
    return Table(name, SHAPE, index, whole, known, {}, (), fractions, np.array([sums + 1, sums + 2]))


def in_layout_1(tables: Sequence[Table]) -> int:
    """Encodes; bytes."""
    leaf_ids = {population: i for i, population in enumerate(tables[0].index.populations)}
    documents = (LAYOUT_1.measure_documents(table, leaf_ids, DEFINITION, "auto") for table in tables)
    return sum(len(document.body) for each in documents for document in each.values())


def in_layout_2(tables: Sequence[Table]) -> int:
    """Encodes; bytes."""
    index = tables[0].index
    months = sorted({range_of(date) for _, date in index.dates})
    kinds = {KIND_OF[by]: by for by in KINDS_OF_DATE}
    of_date = np.array([range_of(date) for _, date in index.dates])[index.date]
    populations = {population: i for i, population in enumerate(index.populations)}
    size = 0
    for month in months:
        dates = {
            kind: [date for by, date in index.dates if by == kinds[kind] and range_of(date) == month] for kind in kinds
        }
        places = Places(
            {(kinds[k], date): i for k, found in dates.items() for i, date in enumerate(found)}, populations
        )
        lines, entries = np.flatnonzero(of_date == month), []
        for table in tables:
            part = table.taken(lines)
            numbers, totals = numbers_of(part, places), totals_of(part, places)
            entries.append(encode_entry(Entry(table.measure, "", published_shape(SHAPE), numbers, totals)))
        size += len(encode_pack(Pack(month, "0", 1, "0" * 16, dates, entries)).body)
    return size


def with_numpy(tables: Sequence[Table]) -> int:
    """Layout 2 without its part in C."""
    native, varints._native = varints._native, None  # type: ignore[assignment]
    try:
        return in_layout_2(tables)
    finally:
        varints._native = native


CONTESTANTS: dict[str, Callable[[Sequence[Table]], int]] = {
    "layout 1": in_layout_1,
    "layout 2": in_layout_2,
    "layout 2, numpy": with_numpy,
}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measures", type=int, default=20)
    parser.add_argument("--dates", type=int, default=60)
    parser.add_argument("--populations", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chance, index = np.random.default_rng(1), made_index(options.dates, options.populations)
    tables = [made_table(f"M{number}", index, chance) for number in range(options.measures)]
    taken: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    sizes = {}
    for _ in range(options.rounds):
        for name, encode in CONTESTANTS.items():
            began = time.process_time()
            sizes[name] = encode(tables)
            taken[name].append(1000 * (time.process_time() - began) / len(tables))
    found = {
        name: {"ms": round(statistics.median(taken[name]), 2), "kib": round(sizes[name] / 1024 / len(tables), 1)}
        for name in CONTESTANTS
    }
    if options.json:
        print(json.dumps(found))
        return
    first = found["layout 1"]
    for name, figures in found.items():
        ratios = f"{figures['ms'] / first['ms']:.2f} and {figures['kib'] / first['kib']:.2f} of layout 1"
        print(f"{name:16} {figures['ms']:7.2f} ms {figures['kib']:8.1f} KiB a measure   {ratios}")


if __name__ == "__main__":
    main()
