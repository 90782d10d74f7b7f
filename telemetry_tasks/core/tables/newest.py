"""Which shape of a measure is shown: that of its newest build."""

from typing import NamedTuple

import numpy as np

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.plausible import ANY_BUILD
from telemetry_tasks.core.shapes import NO_BUILD, Run, Shape, shape_in_tables


class NewestBuild(NamedTuple):
    """The build whose definition of a measure is used, and the shape that the measure has there."""

    build_id: str
    shape: Shape
    revision: str


class Builds:
    """The (build id, revision) that define the columns of rows, as numbers with the same order."""

    def __init__(self, cells: Cells) -> None:
        sources = {(NO_BUILD, run.shape.axis.source) for run in cells.runs if run.shape.axis.source}
        self._names = sorted({*((row.build_id, row.revision) for row in cells.rows), *sources})
        self._number = {name: i for i, name in enumerate(self._names)}
        self._of_row = np.array([self._number[row.build_id, row.revision] for row in cells.rows], np.int64)

    def numbers_for(self, run: Run, rows: np.ndarray) -> np.ndarray:
        """A number for each of these rows (int64); all of them have the same if the run names its source."""
        source = run.shape.axis.source
        return np.full(len(rows), self._number[NO_BUILD, source]) if source else self._of_row[rows]

    def names(self, numbers: np.ndarray) -> list[tuple[str, str]]:
        """The pairs of these numbers."""
        return [self._names[number] for number in numbers.tolist()]


def newest_shapes(cells: Cells, between: tuple[str, str] = ANY_BUILD) -> dict[str, NewestBuild]:
    """For each measure the newest (build id, shape, revision) among the rows that count by build date.

    Rows whose build date is not ``between`` these days, both excluded, count for measures that no other row has.
    """
    after, before = between
    dated = np.array([bool(row.build_date) for row in cells.rows], bool)
    inside = np.array([after < row.build_date < before for row in cells.rows], bool)
    best = _newest_shapes(cells, dated & inside)
    return best if inside[dated].all() else _newest_shapes(cells, dated) | best


def _newest_shapes(cells: Cells, wanted: np.ndarray) -> dict[str, NewestBuild]:
    """The same of the ``wanted`` rows (bool by row).

    Only entries that count pings matter. Of two runs of 2 columns each, the second of which counts the pings::

        columns   0 1 2 3        counted   . x . x        row   0 1        run   0 1
        row 0     5 2 . .
        row 1     . . 4 3
    """
    builds = Builds(cells)
    counts_pings = np.zeros(cells.width, bool)
    counts_pings[cells.ping_columns] = True
    counted = np.flatnonzero(counts_pings[cells.whole.columns])
    rows, runs = cells.whole.rows[counted], cells.run_of_column[cells.whole.columns[counted]]
    chosen = wanted[rows]
    rows, runs = rows[chosen], runs[chosen]
    best: dict[str, NewestBuild] = {}
    for index in np.unique(runs).tolist():
        run = cells.runs[index]
        if run.measure:
            ((build, revision),) = builds.names(builds.numbers_for(run, rows[runs == index]).max(keepdims=True))
            seen = NewestBuild(build, shape_in_tables(run.shape), revision)
            if run.measure not in best or best[run.measure] < seen:
                best[run.measure] = seen
    return best
