"""Rows of Parquet: one for each measure, key, kind of date, date, population and bucket. Needs pyarrow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from telemetry_tasks.core.fixed import FRACTION_BITS, FRACTION_MASK
from telemetry_tasks.reader import Part

TEXT = pa.dictionary(pa.int32(), pa.string())
BEFORE = ("channel_version", "measure", "key", "shape", "kind", "date")
AFTER = {
    "position": pa.int64(),
    "lower": pa.float64(),
    "upper": pa.float64(),
    "label": TEXT,
    "count": pa.int64(),
    "exact": pa.string(),
}
INT64 = range(-(1 << 63), 1 << 63)


def schema(dimensions: Sequence[str]) -> pa.Schema:
    """The columns of a file. A dimension with the name of another column has ``dimension_`` before it."""
    names = [f"dimension_{name}" if name.lower() in {*BEFORE, *AFTER} else name for name in dimensions]
    return pa.schema([*((name, TEXT) for name in (*BEFORE, *names)), *AFTER.items()])


def rows(channel_version: str, part: Part, columns: pa.Schema) -> pa.Table:
    """The rows of a part. A measure without buckets has a row a population: its count is that of the records."""
    index, cells = part.numbers.rows, part.numbers.cells
    if part.shape.has_positions:
        row, places = cells.row_of_number, cells.positions
        count, exact = _counts(cells.numbers, cells.fractions)
    else:
        row, places = np.arange(len(index)), None
        count, exact = _counts(index.records, None)
    one = [_same(text, len(row)) for text in (channel_version, part.measure, part.key, part.shape.text, part.by)]
    populations = index.populations[row]
    options = [
        _texts([each[i] for each in part.populations], populations)
        for i in range(len(columns) - len(BEFORE) - len(AFTER))
    ]
    arrays = [*one, _texts(part.dates, index.dates[row]), *options, *_buckets(part, places, len(row)), count, exact]
    return pa.Table.from_arrays(arrays, schema=columns)


def _texts(values: Sequence[str], index: np.ndarray) -> Any:
    """Texts by their index into ``values``; those that do not occur are left out."""
    used, places = np.unique(index, return_inverse=True)
    return pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int32)), pa.array([values[i] for i in used.tolist()], pa.string())
    ).cast(TEXT)


def _same(text: str, length: int) -> Any:
    return _texts([text], np.zeros(length, np.int64))


def _buckets(part: Part, places: np.ndarray | None, length: int) -> list[Any]:
    """Position, lower and upper bound, and label of each number (null where there is none)."""
    if places is None:
        return [pa.nulls(length, AFTER[name]) for name in ("position", "lower", "upper", "label")]
    used, index = np.unique(places, return_inverse=True)
    edges = np.array([part.meaning.edges[place] for place in used.tolist()], np.float64).reshape(-1, 2)
    labels = pa.nulls(length, TEXT)
    if named := part.meaning.labels:
        of_used = pa.array([named[i] if i < len(named) else None for i in used.tolist()], pa.string())
        labels = of_used.take(pa.array(index)).dictionary_encode()
    return [pa.array(places), pa.array(edges[index, 0]), pa.array(edges[index, 1]), labels]


def _counts(whole: np.ndarray, fractions: np.ndarray | None) -> tuple[Any, Any]:
    """Numbers as int64; those that are not, as text: null in the one where they stand in the other."""
    if fractions is None and whole.dtype != object:
        return pa.array(whole), pa.nulls(len(whole), pa.string())
    left = [0] * len(whole) if fractions is None else fractions.tolist()
    numbers = list(zip(whole.tolist(), left, strict=True))
    fits = [n in INT64 and not rest for n, rest in numbers]
    count = pa.array([n if fit else None for (n, _), fit in zip(numbers, fits, strict=True)], pa.int64())
    texts = [
        None if fit else exact_text((n << FRACTION_BITS) + rest) for (n, rest), fit in zip(numbers, fits, strict=True)
    ]
    return count, pa.array(texts, pa.string())


def exact_text(units: int) -> str:
    """All decimal digits of a number in units of 2⁻⁴⁰: it has at most 40 after the point."""
    whole, rest = abs(units) >> FRACTION_BITS, abs(units) & FRACTION_MASK
    digits = str(rest * 5**FRACTION_BITS).rjust(FRACTION_BITS, "0").rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if digits else ''}{digits}"
