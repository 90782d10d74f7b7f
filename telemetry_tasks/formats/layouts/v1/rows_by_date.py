"""``<MEASURE>-by-build-date.json`` and ``<MEASURE>-by-submission-date.json``: rows by date, one for each leaf.

``{YYYYMMDD: [[bucket …, sums …, submissions, filter id], …]}``.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import orjson

from telemetry_tasks.core.kinds_of_date import KINDS_OF_DATE
from telemetry_tasks.core.tables.index import TableIndex
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.rows import row_texts

_DATE = re.compile(r"\d{8}\Z", re.ASCII)

Row = list[int | float]


def rows_documents(table: Table, ids: np.ndarray, backend: str = AUTO) -> dict[str, Document]:
    """The document of each kind of date. ``ids`` are the filter ids of the table's lines (int64)."""
    order = np.lexsort((ids, table.index.date))
    texts = row_texts(table, ids, backend)
    by_date = _by_date(table.index, [texts[line] for line in order.tolist()])
    return {by: json_document(dates) for by, dates in by_date.items()}


def _by_date(index: TableIndex, texts: list[bytes]) -> dict[str, dict[str, orjson.Fragment]]:
    """Lists of the texts by kind of date and date, in the order of the dates."""
    out: dict[str, dict[str, orjson.Fragment]] = {by: {} for by in KINDS_OF_DATE}
    ends = np.cumsum(np.bincount(index.date, minlength=len(index.dates))).tolist()
    for (by, date), (begin, end) in zip(index.dates, pairwise([0, *ends]), strict=True):
        out[by][date] = orjson.Fragment(b"[" + b",".join(texts[begin:end]) + b"]")
    return out


def read_rows(body: bytes) -> dict[str, list[Row]]:
    """The rows of each date. Raises ``DataError`` ``bad-rows``."""
    dates = read_json(body)
    if not isinstance(dates, dict):
        raise DataError("bad-rows", "it is not an object")
    for date, rows in dates.items():
        if not _DATE.match(date):
            raise DataError("bad-rows", f"{date!r} is not a date")
        if not isinstance(rows, list) or not all(map(are_numbers, rows)):
            raise DataError("bad-rows", f"{date}: a row holds something other than numbers")
    return dates


def row_faults(dates: Mapping[str, Sequence[Row]], width: int, leaves: Collection[int]) -> Iterator[str]:
    """What is wrong with the rows: their order, their ``width`` in numbers, ids that are no leaf's."""
    if list(dates) != sorted(dates):
        yield "the dates are not sorted"
    for date, rows in dates.items():
        ids = [row[-1] if row else None for row in rows]
        if any(id not in leaves for id in ids):
            yield f"{date}: a row is of no leaf of the filter tree"
        if any(not (a < b) for a, b in pairwise(ids) if a is not None and b is not None):
            yield f"{date}: rows are not sorted by filter id, or one comes twice"
        for row in rows:
            if len(row) != width:
                yield f"{date}: a row has {len(row)} numbers, not {width}"


def are_numbers(row: object) -> bool:
    """Whether it is a row: a list of numbers, which true and false are not."""
    return isinstance(row, list) and all(type(number) in (int, float) for number in row)
