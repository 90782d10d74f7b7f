"""``<MEASURE>-summary.json``: a row per date with all populations added up, and submissions by population.

``{schema, definition, kind of date: {YYYYMMDD: [bucket …, sums …, submissions]}, populations: {kind of date:
{filter id: submissions}}}``. With its definition, it is all that a first chart needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION, KINDS_OF_DATE
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.layouts.v1.histograms import read_definition
from telemetry_tasks.formats.layouts.v1.rows_by_date import Row, are_numbers
from telemetry_tasks.formats.rows import row_texts

SCHEMA = 1
SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Summary:
    """The definition; by kind of date, a row for each date, and submissions by filter id."""

    definition: Definition
    totals: Mapping[str, Mapping[str, Row]]
    populations: Mapping[str, Mapping[int, int]]


def summary_document(table: Table, ids: np.ndarray, definition: Mapping[str, Any], backend: str = AUTO) -> Document:
    """The summary of a measure.

    ``ids`` are the filter ids of the table's lines (int64), ``definition`` is the entry of ``histograms.json``.
    """
    totals = table.totals()
    out: dict[str, Any] = {"schema": SCHEMA, "definition": dict(definition), **{by: {} for by in KINDS_OF_DATE}}
    for (by, date), text in zip(totals.index.dates, row_texts(totals, backend=backend), strict=True):
        out[by][date] = orjson.Fragment(text)
    cut = table.index.by_build
    parts = {BY_BUILD: slice(None, cut), BY_SUBMISSION: slice(cut, None)}
    return json_document({**out, "populations": {by: _pings(table, ids, part) for by, part in parts.items()}})


def _pings(table: Table, ids: np.ndarray, part: slice) -> dict[str, int]:
    """Submissions by filter id, of some lines."""
    population = table.index.population[part]
    leaf = np.zeros(len(table.index.populations), np.int64)
    leaf[population] = ids[part]
    sums = np.zeros(len(leaf), np.int64)
    np.add.at(sums, population, table.pings[part])
    seen = np.flatnonzero(sums)
    return {str(leaf): pings for leaf, pings in zip(leaf[seen].tolist(), sums[seen].tolist(), strict=True)}


def read_summary(body: bytes) -> Summary:
    """The summary of a measure. Raises ``DataError`` ``bad-summary`` or ``bad-definition``."""
    try:
        value = read_json(body)
        if value["schema"] != SCHEMA:
            raise DataError("bad-summary", f"schema {value['schema']!r} is not known")
        totals = {by: dict(value[by]) for by in KINDS_OF_DATE}
        if not all(are_numbers(row) for dates in totals.values() for row in dates.values()):
            raise DataError("bad-summary", "a row holds something other than numbers")
        pings = {by: {int(leaf): n for leaf, n in value["populations"][by].items()} for by in KINDS_OF_DATE}
        return Summary(read_definition(value["definition"]), totals, pings)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("bad-summary", str(error)) from error
