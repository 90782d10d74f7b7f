"""Parts and projections of blocks of cells: some rows, some measures, one kind of date at a time."""

from collections.abc import Callable, Sequence

import numpy as np

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells, canonical
from telemetry_tasks.core.entries import ByKey
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import Run


def marginal(cells: Cells) -> Cells:
    """The block by build date and by submission date apart: what the state keeps.

    Rows of many builds and submission dates become one by-build row for each build and one by-submission row
    for each day, which has no build. A linear map: it may be applied before or after adding.
    """
    targets: list[tuple[Row, int]] = []
    for index, row in enumerate(cells.rows):
        if row.build_date:
            targets.append((row._replace(submission_date=""), index))
        if row.submission_date:
            targets.append((Row("", row.submission_date, "", "", row.dimensions), index))
    return project(cells, targets)


def project(cells: Cells, targets: Sequence[tuple[Row, int]]) -> Cells:
    """The sum, for each target row, of the source rows (by index) assigned to it.

    Each layer has every target once at most, so that a layer is a block; then the layers are added. Of the targets
    (a, 0), (b, 1), (a, 2)::

        source   row 0   1 .        layers   a   1 .    a   5 5        sum   a   6 5
                 row 1   . 3                 b   . 3                         b   . 3
                 row 2   5 5
    """
    layers: list[list[tuple[Row, int]]] = []
    before: Row | None = None
    depth = 0
    for target, index in sorted(targets):
        depth = depth + 1 if target == before else 0
        before = target
        if depth == len(layers):
            layers.append([])
        layers[depth].append((target, index))
    return add_cells([_layer(cells, layer) for layer in layers])


def _layer(cells: Cells, layer: Sequence[tuple[Row, int]]) -> Cells:
    rows = [row for row, _ in layer]
    order = np.array([index for _, index in layer], np.int64)
    positions: dict[int, list[int]] = {}
    for position, (_, index) in enumerate(layer):
        positions.setdefault(index, []).append(position)
    return canonical(
        rows,
        cells.runs,
        cells.whole.taken(order),
        cells.fraction.taken(order),
        [(position, column, total) for row, column, total in cells.overflow for position in positions.get(row, ())],
    )


def only(cells: Cells, wanted: Callable[[Run], bool]) -> Cells:
    """The block's columns of the wanted runs."""
    return split(cells, lambda run: int(wanted(run))).get(1, Cells())


def split(cells: Cells, group_of: Callable[[Run], int]) -> dict[int, Cells]:
    """The block cut by its runs into groups; groups without a number are left out.

    Of three runs of a column each, the second of which is of group 1 and the others of group 0::

        before   4 5 6        group 0   4 6        group 1   5
                 . 7 .                                       7
    """
    group_of_run = np.array([group_of(run) for run in cells.runs], np.int64)
    out: dict[int, Cells] = {}
    group_of_column = group_of_run[cells.run_of_column]
    least, groups = int(group_of_column.min(initial=0)), int(group_of_column.max(initial=0)) + 1
    by_group = [
        ByKey(each.triples(), group_of_column - least, groups - least) for each in (cells.whole, cells.fraction)
    ]
    for group in np.unique(group_of_run).tolist():
        chosen = group_of_run == group
        shift = np.cumsum(chosen[cells.run_of_column]) - 1
        whole, fraction = (each.between(group - least, group - least + 1) for each in by_group)
        overflow = [(r, int(shift[c]), total) for r, c, total in cells.overflow if group_of_column[c] == group]
        runs = [run for run, take in zip(cells.runs, chosen, strict=True) if take]
        block = canonical(
            cells.rows,
            runs,
            whole._replace(columns=shift[whole.columns]),
            fraction._replace(columns=shift[fraction.columns]),
            overflow,
        )
        if block.rows:
            out[group] = block
    return out
