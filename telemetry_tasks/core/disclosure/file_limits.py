"""Limits on the measures, columns and rows that one file may add. The excess is cut from the file's own cells.

The unit is the file, because how files are grouped into partitions must not change what is counted. Measures and rows
that most of the file's pings have are kept, so that a single sender cannot push out those of others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.disclosure.collapse import OTHER
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PINGS, Run
from telemetry_tasks.core.views import only, project

TOO_MANY_MEASURES, TOO_MANY_ROWS = "too-many-measures", "too-many-rows"
CUTS = (TOO_MANY_MEASURES, TOO_MANY_ROWS)
"""The reasons under which the excess of a file is counted."""


def records_of_measures(cells: Cells) -> Counter[str]:
    """How many pings have each measure, by submission, without the run that counts pings."""
    run_of = np.full(cells.width, -1, np.int64)
    run_of[cells.ping_columns] = np.arange(len(cells.runs))
    dated = np.array([bool(row.submission_date) for row in cells.rows], bool)
    runs = run_of[cells.whole.columns]
    used = (runs >= 0) & dated[cells.whole.rows]
    sums = np.zeros(len(cells.runs), np.int64)
    np.add.at(sums, runs[used], cells.whole.numbers[used])
    records: Counter[str] = Counter()
    for run, number in zip(cells.runs, sums.tolist(), strict=True):
        if run.measure:
            records[run.measure] += number
    return records


def most_recorded(records: Mapping[str, int], most: int) -> set[str]:
    """The ``most`` measures with the most records; ties are broken by name."""
    return set(sorted(records, key=lambda name: (-records[name], name))[:most])


def columns_of(runs: Iterable[Run]) -> Counter[str]:
    """The columns of each measure."""
    widths: Counter[str] = Counter()
    for run in runs:
        if run.measure:
            widths[run.measure] += run.width
    return widths


def is_beyond(cells: Cells, limits: Limits) -> bool:
    """Whether ``cut`` would cut anything."""
    columns = columns_of(cells.runs)
    return (
        len(columns) > limits.file_measures
        or columns.total() > limits.file_columns
        or len(cells.rows) > limits.file_rows
    )


def cut(cells: Cells, limits: Limits, left_out: Counter[str]) -> Cells:
    """The cells of one file within the limits; ``left_out`` counts the excess records and pings."""
    return _cut_rows(_cut_measures(cells, limits, left_out), limits, left_out)


def _cut_measures(cells: Cells, limits: Limits, left_out: Counter[str]) -> Cells:
    columns = columns_of(cells.runs)
    if len(columns) <= limits.file_measures and columns.total() <= limits.file_columns:
        return cells
    records = records_of_measures(cells)
    kept: set[str] = set()
    room = limits.file_columns
    for name in sorted(records, key=lambda name: (-records[name], name))[: limits.file_measures]:
        if columns[name] <= room:
            room -= columns[name]
            kept.add(name)
    left_out[TOO_MANY_MEASURES] += sum(number for name, number in records.items() if name not in kept)
    return only(cells, lambda run: not run.measure or run.measure in kept)


def _cut_rows(cells: Cells, limits: Limits, left_out: Counter[str]) -> Cells:
    """Rows beyond the limit become ``OTHER`` of their date; if there are too many dates, they lose their build date."""
    if len(cells.rows) <= limits.file_rows:
        return cells
    pings = _pings_of_rows(cells)
    ranked = sorted(range(len(cells.rows)), key=lambda index: (-pings[index], cells.rows[index]))
    targets = [(cells.rows[index], index) for index in ranked[: limits.file_rows]]
    others: set[Row] = set()
    for index in ranked[limits.file_rows :]:
        left_out[TOO_MANY_ROWS] += pings[index]
        row = cells.rows[index]
        other = Row(row.build_date, row.submission_date, "", "", (OTHER,) * len(row.dimensions))
        if other not in others and len(others) >= limits.file_rows:
            other = other._replace(build_date="")
        others.add(other)
        targets.append((other, index))
    return project(cells, targets)


def _pings_of_rows(cells: Cells) -> list[int]:
    if not cells.runs or cells.runs[0] != PINGS:
        return [0] * len(cells.rows)
    counted = cells.whole.columns == 0
    pings = np.zeros(len(cells.rows), np.int64)
    np.add.at(pings, cells.whole.rows[counted], cells.whole.numbers[counted])
    return [int(number) for number in pings]
