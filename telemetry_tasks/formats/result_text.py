"""Results in the text format of the aggregator of 2013: one line per measure and kind of date.

``<channel>/<major>/<MEASURE>/<by-build-date|by-submission-date>`` tab JSON, the JSON being
``{"<date>/<dimension>/…": {"values": [bucket…, 5 sums, pings], "buildId": …, "revision": …}}``.
A cell holds one shape, that of its newest build; the others are lost on export.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.definitions import SIMPLE_PREFIX
from telemetry_tasks.core.fixed import to_fixed
from telemetry_tasks.core.histograms import array_shape, histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD, KINDS_OF_DATE
from telemetry_tasks.core.limits import Limits, parse_day
from telemetry_tasks.core.ping import is_number, name_fault
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import NO_BUILD, PING_COUNT, Run, Shape
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.names import checked_channel_version, escaped


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
    """Each cell in the shape of its newest build; for equal builds in the longer one."""
    chosen: dict[Key, tuple[tuple[str, Shape], tuple[list[int | float], str, str]]] = {}
    for table in tables:
        for key, values, (build, revision) in zip(table.keys, table.values(), table.newest, strict=True):
            rank = (build, table.shape)
            if key not in chosen or chosen[key][0] < rank:
                chosen[key] = rank, (values, build, revision)
    return {key: cell for key, (_, cell) in chosen.items()}


def import_lines(lines: Iterable[bytes | str], dimensions: int, source: str) -> Result:
    """The result that ``lines`` describe. Raises ``DataError`` ``bad-text`` naming the line.

    ``dimensions`` is the number of dimensions of a population; ``source`` names the text in the file report, which
    counts the lines of measures whose names may not be published.
    """
    importers: dict[str, _Importer] = {}
    left_out = Counter[str]()
    for number, line in enumerate(lines, 1):
        try:
            (channel_version, measure, by), text = _split(line if isinstance(line, str) else _decoded(line))
            if fault := name_fault(measure, Limits()):
                left_out[fault] += 1
                continue
            importer = importers.setdefault(channel_version, _Importer())
            for cell_path, cell in _members(text).items():
                importer.add(measure, _key(by, cell_path, dimensions), **_cell(cell))
        except ValueError as error:
            raise DataError("bad-text", f"line {number} of {source}: {error}") from error
        except DataError as error:
            raise DataError("bad-text", f"line {number} of {source}: {error.detail}") from error
    cells = {name: importer.finish() for name, importer in importers.items()}
    return Result(cells, (FileReport(source, left_out=dict(left_out)),))


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        at = f"byte {error.start + 1} is not UTF-8"
        raise ValueError(
            f"{at}: the text is damaged, in another encoding, or not what `export-result` wrote"
        ) from error


def _split(line: str) -> tuple[tuple[str, str, str], str]:
    """Channel/version, measure and kind of date, and the JSON after them."""
    if not line.strip():
        raise ValueError("the line is empty: remove it")
    path, tab, text = line.rstrip("\n").partition("\t")
    parts = path.split("/")
    if not tab or len(parts) != 4 or parts[3] not in KINDS_OF_DATE:
        wanted = f"CHANNEL/VERSION/MEASURE/{' or '.join(KINDS_OF_DATE)}, a tab and JSON"
        raise ValueError(f"it is not {wanted}: is the text one that `export-result` wrote?")
    channel, major, measure, by = parts
    return (checked_channel_version(f"{channel}/{major}"), measure, by), text


def _members(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"what follows the tab is not JSON, from its character {error.pos + 1} on") from error
    except ValueError as error:  # the module's limit on digits
        raise ValueError("a number has too many digits") from error
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("the JSON is not an object of cells")
    return found


def _key(by: str, path: str, dimensions: int) -> Key:
    _check_text(path, "the path of a cell")
    date, *population = path.split("/")
    if len(population) != dimensions:
        why = f"{len(population)} dimensions, and TELEMETRY_DIMENSIONS names {dimensions}"
        raise ValueError(f"the cell {path:.100} has {why}: set it as it was for this text")
    parse_day(date)
    return Key(by, date, tuple(map(escaped, population)))


_MEMBERS = ("buildId", "revision", "values")


def _cell(cell: object) -> dict[str, Any]:
    """The members of a cell, checked except for the numbers."""
    if not isinstance(cell, dict) or sorted(cell) != list(_MEMBERS):
        raise ValueError(f"a cell is not an object with the members {', '.join(_MEMBERS)}")
    for member in ("buildId", "revision"):
        _check_text(cell[member], f"the {member} of a cell")
    return cell


def _check_text(value: object, what: str) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{what} is not a text")
    if any("\ud800" <= each <= "\udfff" for each in value):
        raise ValueError(f"{what} has half of a surrogate pair")


def _check_values(values: object, measure: str) -> None:
    least = histogram_shape(1).width
    if not isinstance(values, list) or len(values) < least or not all(map(is_number, values)):
        raise ValueError(f"the values of {measure} are not a list of {least} numbers or more")
    try:
        finite = all(map(math.isfinite, values))
    except OverflowError:  # an integer beyond the range of a double
        finite = False
    if not finite:
        raise ValueError(f"a value of {measure} is not finite")
    shape = _shape_of(values)
    if min(values[shape.bucket_columns]) < 0 or values[shape.column(PING_COUNT)] < 0:
        raise ValueError(f"a bucket of {measure}, or its number of pings, is negative")


def _shape_of(values: list[int | float], unknown: int = 0) -> Shape:
    """The shape of a row of numbers: an array and the number of pings."""
    return array_shape(len(values) - 1, unknown)


def _run_of(measure: str, values: list[int | float], build_id: str) -> Run:
    shape = _shape_of(values)
    if build_id == NO_BUILD and measure.startswith(SIMPLE_PREFIX) and shape.axis.size == simple.SHAPE.axis.size:
        return simple.run_of(measure)
    unknown = sum(1 << i for i, x in enumerate(values[shape.sum_columns]) if x == -1)
    return Run(measure, "", _shape_of(values, unknown))


class _Importer:
    """Cells of one channel/version. The text lacks the pings of a population: they are at least its largest count."""

    def __init__(self) -> None:
        self._accumulator = Accumulator()
        self._pings: dict[Key, tuple[int, Row]] = {}

    def add(self, measure: str, key: Key, values: list[int | float], buildId: str, revision: str) -> None:
        _check_values(values, measure)
        run = _run_of(measure, values, buildId)
        shape = run.shape
        row = Row(key.date, "", buildId, revision, key.dimensions)
        if key.by != BY_BUILD:
            row = Row("", key.date, buildId, revision, key.dimensions)
        first = self._accumulator.first_column(run)
        skip = {shape.column(name) for i, name in enumerate(shape.sums) if not shape.knows(i)}
        index = self._accumulator.row(row)
        numbers = [(first + i, to_fixed(x)) for i, x in enumerate(values) if x and i not in skip]
        self._accumulator.add_units(index, numbers)
        pings, _ = self._pings.get(key, (0, row))
        self._pings[key] = max(pings, int(values[shape.column(PING_COUNT)])), self._pings.get(key, (0, row))[1]

    def finish(self) -> Cells:
        for pings, row in self._pings.values():
            self._accumulator.add_units(self._accumulator.row(row), [(0, to_fixed(pings))])
        return self._accumulator.take()
