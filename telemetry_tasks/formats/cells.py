"""Blocks of cells as bytes: the format of numbers in partial results, merged slices, deltas and the state.

A msgpack map of columns, compressed with zstd, with a checksum. The same cells give the same bytes (under one
version of the zstd library). ``schema`` comes first.

    schema    2
    strings   all strings of rows and runs, sorted
    rows      indices into strings, little-endian uint32, field by field
    fields    fields of a row: build date, submission date, build id, revision, then the dimensions
    shapes    [kind of axis, positions, details, source, sums, mask of known sums, counts] of each shape, ascending
    runs      [indices of measures, of keys, of shapes, pages], each packed
    counts    entries a row, packed;  gaps: steps from column to column in a row, packed
    values    int16, packed;  wide: the int64 values that stand for each −32768 among them
    f_counts, f_gaps, f_values   the same for fractions, whose values are 40 bits
    big       [[row, column, total in units as signed big-endian bytes], …]

"Packed" is [item size in bytes, little-endian unsigned data with the bytes of equal significance together].
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgpack
import numpy as np
import zstandard

from telemetry_tasks.core.cells import Cells, Overflow
from telemetry_tasks.core.entries import Entries
from telemetry_tasks.core.fixed import NORMAL, beyond
from telemetry_tasks.core.rows import Row
from telemetry_tasks.core.shapes import PINGS, Axis, Run, Shape
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.frames import decompressed

SCHEMA = 2
LEVEL = 3
WIDEST = 1 << 31
"""The most columns of a block."""

_WIDE = -(1 << 15)
_ROW_FIELDS = 4


def _pack(numbers: np.ndarray | Sequence[int]) -> list[Any]:
    numbers = np.asarray(numbers, np.uint64)
    most = int(numbers.max(initial=0))
    size = next(s for s in (1, 2, 4, 8) if most < 1 << (8 * s))
    return [size, _shuffle(numbers.astype(f"<u{size}"))]


def _shuffle(numbers: np.ndarray) -> bytes:
    return numbers.view(np.uint8).reshape(-1, numbers.itemsize).T.tobytes() if len(numbers) else b""


def _unshuffle(data: bytes, dtype: str) -> np.ndarray:
    size = np.dtype(dtype).itemsize
    planes = np.frombuffer(data, np.uint8).reshape(size, -1)
    return np.ascontiguousarray(planes.T).view(dtype).reshape(-1)


def _unpack(packed: Sequence[Any]) -> np.ndarray:
    size, data = packed
    if size not in (1, 2, 4, 8):
        raise ValueError(f"no such item size: {size}")
    return _unshuffle(data, f"<u{size}").astype(np.int64)


def _gaps(entries: Entries) -> np.ndarray:
    steps = np.diff(entries.columns.astype(np.int64), prepend=0)
    firsts = entries.start[:-1][np.diff(entries.start) > 0]
    steps[firsts] = entries.columns[firsts]
    return steps


def _columns(start: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    running = np.cumsum(gaps)
    before = np.concatenate(([0], running))[start[:-1]]
    return (running - np.repeat(before, np.diff(start))).astype(np.uint32)


def encode(cells: Cells) -> bytes:
    """The block as bytes."""
    fields = _fields(cells.rows)
    strings = sorted({text for run in cells.runs for text in (run.measure, run.key)}.union(*fields))
    index = {text: i for i, text in enumerate(strings)}
    table = np.array([list(map(index.__getitem__, field)) for field in fields], "<u4")
    values = cells.whole.numbers
    small = values.astype(np.int16)
    wide = (small != values) | (small == _WIDE)
    small[wide] = _WIDE
    shapes = sorted({run.shape for run in cells.runs})
    number_of = {shape: i for i, shape in enumerate(shapes)}
    document = {
        "schema": SCHEMA,
        "strings": strings,
        "fields": len(fields),
        "rows": table.tobytes(),
        "shapes": [(*shape.axis, shape.sums, shape.known, shape.counts) for shape in shapes],
        "runs": [
            _pack([index[run.measure] for run in cells.runs]),
            _pack([index[run.key] for run in cells.runs]),
            _pack([number_of[run.shape] for run in cells.runs]),
            _pack([run.page for run in cells.runs]),
        ],
        "counts": _pack(np.diff(cells.whole.start)),
        "gaps": _pack(_gaps(cells.whole)),
        "values": _shuffle(small.astype("<i2")),
        "wide": _shuffle(values[wide].astype("<i8")),
        "f_counts": _pack(np.diff(cells.fraction.start)),
        "f_gaps": _pack(_gaps(cells.fraction)),
        "f_values": _shuffle(cells.fraction.numbers.astype("<i8"))[: 5 * len(cells.fraction.numbers)],
        "big": [[row, column, _integer_bytes(total)] for row, column, total in cells.overflow],
    }
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(msgpack.packb(document))


def _fields(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """The fields of the rows, each with its text in every row. Without rows: the fields that every row has, empty."""
    if not rows:
        return [()] * _ROW_FIELDS
    *fields, dimensions = zip(*rows, strict=True)
    if len({*map(len, dimensions)}) > 1:
        raise DataError("mixed-dimensions", "rows with different numbers of dimensions were added up")
    return [*fields, *zip(*dimensions, strict=True)]


def _integer_bytes(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def decode(data: bytes) -> Cells:
    """Decodes a block. Raises ``DataError`` ``bad-cells`` for invalid bytes."""
    try:
        document = msgpack.unpackb(decompressed(data), strict_map_key=True, use_list=False)
        if document["schema"] != SCHEMA:
            raise ValueError(f"schema {document['schema']!r} is not known here")
        return _checked(_decode(document))
    except (
        zstandard.ZstdError,
        msgpack.UnpackException,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        OverflowError,
    ) as error:
        raise DataError("bad-cells", str(error)) from error


def _decode(document: dict[str, Any]) -> Cells:
    strings = document["strings"]
    if not all(isinstance(text, str) for text in strings):
        raise ValueError("a row or run has fields that are not strings")
    columns = [
        [strings[i] for i in field]
        for field in np.frombuffer(document["rows"], "<u4").reshape(document["fields"], -1).tolist()
    ]
    dimensions = list(zip(*columns[_ROW_FIELDS:], strict=True))
    rows = tuple(map(Row, *columns[:_ROW_FIELDS], dimensions)) if dimensions else ()
    runs = _runs(document["runs"], strings, [_shape(each) for each in document["shapes"]])
    start, entry_columns = _entries(document["counts"], document["gaps"])
    values = _unshuffle(document["values"], "<i2").astype(np.int64)
    values[values == _WIDE] = _unshuffle(document["wide"], "<i8")
    fraction_start, fraction_columns = _entries(document["f_counts"], document["f_gaps"])
    fractions = _unshuffle(document["f_values"] + bytes(3 * len(fraction_columns)), "<i8").copy()
    overflow: tuple[Overflow, ...] = tuple(
        (row, column, int.from_bytes(total, "big", signed=True)) for row, column, total in document["big"]
    )
    whole, fraction = Entries(start, entry_columns, values), Entries(fraction_start, fraction_columns, fractions)
    return Cells(rows, runs, whole, fraction, overflow)


@lru_cache(maxsize=1 << 12)
def _shape(packed: tuple[Any, ...]) -> Shape:
    """A checked shape: one object for all blocks that have it, so that comparing shapes is cheap."""
    kind, size, detail, source, sums, known, counts = packed
    if not all(isinstance(text, str) for text in (kind, source, *sums, *counts)):
        raise ValueError("a shape has fields that are not strings")
    if not all(type(number) is int and 0 <= number <= WIDEST for number in (size, known)):
        raise ValueError("a shape has a number out of range")
    shape = Shape(Axis(kind, size, tuple(detail), source), tuple(sums), known, tuple(counts))
    shape.check()
    return shape


def _runs(packed: Sequence[Sequence[Any]], strings: Sequence[str], shapes: list[Shape]) -> tuple[Run, ...]:
    columns = [_unpack(each) for each in packed]
    measures, keys, numbers, pages = (column.tolist() for column in columns)
    if len({*map(len, columns)}) > 1 or any((column < 0).any() for column in columns):
        raise ValueError("invalid run")
    if int(np.array([shape.width for shape in shapes], np.int64)[columns[2]].sum()) > WIDEST:
        raise ValueError("the runs are too wide")
    runs = tuple(
        map(Run, [strings[i] for i in measures], [strings[i] for i in keys], [shapes[i] for i in numbers], pages)
    )
    counts_alone = np.array([shape == PINGS.shape for shape in shapes], bool)[columns[2]]
    if any(runs[i] != PINGS for i in np.flatnonzero(counts_alone).tolist()):
        raise ValueError("a run of a measure has no positions")
    return runs


def _entries(counts: Sequence[Any], gaps: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    per_row, steps = _unpack(counts), _unpack(gaps)
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(per_row)))
    if (per_row < 0).any() or (per_row > len(steps)).any() or start[-1] != len(steps):
        raise ValueError("numbers of entries differ")
    begins_row = np.zeros(len(steps) + 1, bool)
    begins_row[start[:-1]] = True
    if ((steps < 0) | (steps > WIDEST)).any() or not (steps > 0)[~begins_row[:-1]].all():
        raise ValueError("columns do not ascend")
    return start, _columns(start, steps)


def _checked(cells: Cells) -> Cells:
    """Rejects blocks that the rest of the program could not add safely."""
    rows = len(cells.rows)
    if any(a >= b for a, b in pairwise(cells.rows)):
        raise ValueError("rows do not ascend")
    if any(a >= b for a, b in pairwise(cells.runs)):
        raise ValueError("runs do not ascend")
    width = cells.width
    for entries in (cells.whole, cells.fraction):
        if entries.height != rows or len(entries.columns) != len(entries.numbers):
            raise ValueError("numbers of entries differ")
        if len(entries.columns) and int(entries.columns.max()) >= width:
            raise ValueError("a column is out of range")
        if not entries.numbers.all() or len(beyond(entries.numbers, NORMAL)):
            raise ValueError("a number is out of range")
    if any(not (0 <= row < rows and 0 <= column < width) for row, column, _ in cells.overflow):
        raise ValueError("a large number is out of range")
    return cells
