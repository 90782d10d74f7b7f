"""Results in the text format of the aggregator of 2013: one line a measure and kind of date.

``<channel>/<major>/<MEASURE>/<by-build-date|by-submission-date>`` tab JSON, the JSON being
``{"<date>/<dimension>/…": {"values": [bucket…, 5 statistics, pings], "buildId": …, "revision": …}}``.
A cell holds one array length, that of its newest build; import gives no better than was exported.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.fixed import to_units
from telemetry_tasks.core.limits import Limits, parse_day
from telemetry_tasks.core.ping import is_number, name_fault
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.core.rows import STATISTICS, Layout, Row
from telemetry_tasks.core.table import BY_BUILD, KINDS_OF_DATE, Key, Table
from telemetry_tasks.core.tables import Tables
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.keys import check_channel_version
from telemetry_tasks.formats.pings.saved_session import escaped


def export_lines(result: Result) -> Iterator[str]:
    """The lines, each ending with a newline, sorted."""
    for name, cells in sorted(result.cells.items()):
        for measure, tables in Tables(cells):
            chosen = _newest(tables.values())
            for by in KINDS_OF_DATE:
                cells_of = {
                    "/".join((key.date, *key.dimensions)): {"values": values, "buildId": build, "revision": revision}
                    for key, (values, build, revision) in sorted(chosen.items())
                    if key.by == by
                }
                if cells_of:
                    yield f"{name}/{measure}/{by}\t{json.dumps(cells_of, separators=(',', ':'))}\n"


def _newest(tables: Iterable[Table]) -> dict[Key, tuple[list[int | float], str, str]]:
    """Each cell in the array length of its newest build, at equal builds in the longer one."""
    chosen: dict[Key, tuple[tuple[str, int], tuple[list[int | float], str, str]]] = {}
    for table in tables:
        for key, values, (build, revision) in zip(table.keys, table.values(), table.newest, strict=True):
            rank = (build, table.length)
            if key not in chosen or chosen[key][0] < rank:
                chosen[key] = rank, (values, build, revision)
    return {key: cell for key, (_, cell) in chosen.items()}


def import_lines(lines: Iterable[str], dimensions: int, source: str) -> Result:
    """The result that ``lines`` describe. Raises ``DataError`` ``bad-text`` naming the line.

    ``dimensions`` is the number of dimensions of a population; ``source`` names the text in the file report, which
    counts the lines of measures whose names may not be published.
    """
    importers: dict[str, _Importer] = {}
    left_out = Counter[str]()
    for number, line in enumerate(lines, 1):
        try:
            path, tab, text = line.rstrip("\n").partition("\t")
            channel, major, measure, by = path.split("/")
            if not tab or by not in KINDS_OF_DATE:
                raise ValueError("not '<channel>/<major>/<MEASURE>/<kind of date>', tab, JSON")
            check_channel_version(f"{channel}/{major}")
            if fault := name_fault(measure, Limits()):
                left_out[fault] += 1
                continue
            importer = importers.setdefault(f"{channel}/{major}", _Importer())
            for cell_path, cell in json.loads(text).items():
                date, *population = cell_path.split("/")
                if len(population) != dimensions:
                    raise ValueError(f"{cell_path!r} has {len(population)} dimensions, not {dimensions}")
                parse_day(date)
                importer.add(measure, Key(by, date, tuple(map(escaped, population))), **cell)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, DataError) as error:
            raise DataError("bad-text", f"line {number} of {source}: {error}") from error
    cells = {name: importer.finish() for name, importer in importers.items()}
    return Result(cells, (FileReport(source, left_out=dict(left_out)),))


class _Importer:
    """Cells of one channel/version. How many pings a population sent is not in the text: at least its largest count."""

    def __init__(self) -> None:
        self._accumulator = Accumulator()
        self._pings: dict[Key, tuple[int, Row]] = {}

    def add(self, measure: str, key: Key, values: list[int | float], buildId: str, revision: str) -> None:
        if len(values) <= STATISTICS + 1 or not all(map(is_number, values)):
            raise ValueError(f"the values of {measure} are no numbers, or too few")
        if min(values[: -STATISTICS - 1]) < 0 or values[-1] < 0:
            raise ValueError(f"{measure} of {key.date} has a negative bucket or number of pings: no sum can be right")
        for text in (buildId, revision):
            if not isinstance(text, str):
                raise ValueError(f"{text!r:.100} is no build or revision")
            text.encode()  # lone surrogates are ValueErrors
        length = len(values) - 1
        is_simple = buildId == simple.BUILD_ID and measure.startswith(simple.PREFIX)
        if is_simple:
            unknown = simple.UNKNOWN
        else:
            unknown = sum(1 << i for i, x in enumerate(values[-STATISTICS - 1 : -1]) if x == -1)
        row = Row(key.date, "", buildId, revision, key.dimensions)
        if key.by != BY_BUILD:
            row = Row("", key.date, buildId, revision, key.dimensions)
        first = self._accumulator.layout(Layout(measure, length, unknown, is_simple))
        skip = {length - STATISTICS + i for i in range(STATISTICS) if unknown >> i & 1}
        index = self._accumulator.row(row)
        numbers = [(first + i, to_units(x)) for i, x in enumerate(values) if x and i not in skip]
        self._accumulator.add_units(index, numbers)
        pings, _ = self._pings.get(key, (0, row))
        self._pings[key] = max(pings, int(values[-1])), self._pings.get(key, (0, row))[1]

    def finish(self) -> Cells:
        for pings, row in self._pings.values():
            self._accumulator.add_units(self._accumulator.row(row), [(0, to_units(pings))])
        return self._accumulator.take()
