"""The published documents, as docs/formats.md describes them: equal values give equal bytes."""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import deflate
import numpy as np
import orjson

from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION, KINDS_OF_DATE
from telemetry_tasks.core.tables.index import TableIndex
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.rows import row_texts

GZIP_LEVEL = 1
"""libdeflate's level: as small as zlib's level 5, in a third of its time."""

JSON, TEXT = "application/json", "text/plain"
IMMUTABLE = "public, max-age=31536000, immutable"
NO_CACHE = "no-cache"
STAMP = "%Y%m%d%H%M%S"

_NOT_IN_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

VERSIONS, LATEST = "versions.json", "latest-current.json"
CURRENT, CHECKPOINTS = "current", "check-points"
CHECKPOINT_LIST = f"{CHECKPOINTS}.json"


@dataclass(frozen=True, slots=True)
class Document:
    """Compressed bytes to be stored, and their headers."""

    body: bytes
    content_type: str = JSON
    cache_control: str = IMMUTABLE


def stamp(moment: datetime) -> str:
    """``YYYYMMDDhhmmss`` in UTC."""
    return moment.astimezone(UTC).strftime(STAMP)


def parse_stamp(text: str) -> datetime:
    """The time of a stamp. Raises ``ValueError``."""
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)


def is_stamp(text: str) -> bool:
    """Whether the text is a stamp."""
    return re.fullmatch(r"[0-9]{14}", text) is not None


def json_document(value: object, *, cache_control: str = IMMUTABLE) -> Document:
    """Compact strict JSON, keys sorted."""
    return Document(packed(_dumps(value)), JSON, cache_control)


def text_document(lines: Iterable[str]) -> Document:
    """One line each."""
    return Document(packed("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")), TEXT)


def line_of(text: str) -> str:
    """Text for a list: control characters and line ends are escaped as in Python, ``\\n``."""
    return _NOT_IN_LINES.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def packed(data: bytes) -> bytes:
    """Compressed; no time and no name inside."""
    return bytes(deflate.gzip_compress(data, GZIP_LEVEL))


def _dumps(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def unpacked(body: bytes) -> bytes:
    """A stored document's bytes, compressed or not. Raises ``ValueError`` if they are damaged."""
    try:
        return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from error


def read_json(body: bytes) -> Any:
    """A stored document's value, compressed or not. Raises ``DataError`` ``bad-document``."""
    try:
        return orjson.loads(unpacked(body))
    except ValueError as error:
        raise DataError("bad-document", str(error)) from error


def read_lines(body: bytes) -> list[str]:
    """A stored list's lines. Raises ``DataError`` ``bad-document``."""
    try:
        return unpacked(body).decode().splitlines()
    except ValueError as error:
        raise DataError("bad-document", str(error)) from error


def measure_documents(
    table: Table, leaf_ids: Mapping[tuple[str, ...], int], definition: Mapping[str, Any], backend: str = AUTO
) -> dict[str, Document]:
    """The files of one measure: a file of rows for each kind of date, and the sums over all populations.

    ``definition`` is the measure's entry of ``histograms.json``; ``backend`` is the kernel that writes the rows.
    """
    ids = _ids(table, leaf_ids)
    order = np.lexsort((ids, table.index.date))
    texts = row_texts(table, ids, backend)
    by_date = _by_date(table.index, [texts[line] for line in order.tolist()])
    documents = {f"{table.measure}-{by}.json": json_document(dates) for by, dates in by_date.items()}
    documents[f"{table.measure}-summary.json"] = json_document(summary_value(table, ids, definition, backend))
    return documents


def _ids(table: Table, leaf_ids: Mapping[tuple[str, ...], int]) -> np.ndarray:
    """The filter id of each line (int64)."""
    of_population = np.array([leaf_ids[population] for population in table.index.populations], np.int64)
    return of_population[table.index.population]


def _by_date(index: TableIndex, texts: list[bytes]) -> dict[str, dict[str, orjson.Fragment]]:
    """Lists of the texts by kind of date and date, in the order of the dates."""
    out: dict[str, dict[str, orjson.Fragment]] = {by: {} for by in KINDS_OF_DATE}
    ends = np.cumsum(np.bincount(index.date, minlength=len(index.dates))).tolist()
    for (by, date), (begin, end) in zip(index.dates, pairwise([0, *ends]), strict=True):
        out[by][date] = orjson.Fragment(b"[" + b",".join(texts[begin:end]) + b"]")
    return out


def summary_value(table: Table, ids: np.ndarray, definition: Mapping[str, Any], backend: str = AUTO) -> dict[str, Any]:
    """The value of a measure's summary: a row per date with all populations added up, and submissions by population.

    With its definition, it is all that a first chart needs. ``ids`` are the filter ids of the lines.
    """
    totals = table.totals()
    out: dict[str, Any] = {"schema": 1, "definition": dict(definition), **{by: {} for by in KINDS_OF_DATE}}
    for (by, date), text in zip(totals.index.dates, row_texts(totals, backend=backend), strict=True):
        out[by][date] = orjson.Fragment(text)
    cut = table.index.by_build
    parts = {BY_BUILD: slice(None, cut), BY_SUBMISSION: slice(cut, None)}
    return {**out, "populations": {by: _pings(table, ids, part) for by, part in parts.items()}}


def _pings(table: Table, ids: np.ndarray, part: slice) -> dict[str, int]:
    """Submissions by filter id, of some lines."""
    population = table.index.population[part]
    leaf = np.zeros(len(table.index.populations), np.int64)
    leaf[population] = ids[part]
    sums = np.zeros(len(leaf), np.int64)
    np.add.at(sums, population, table.pings[part])
    seen = np.flatnonzero(sums)
    return {str(leaf): pings for leaf, pings in zip(leaf[seen].tolist(), sums[seen].tolist(), strict=True)}


def measure_facts(table: Table) -> dict[str, Any]:
    """The entry of the index of measures for a table: submissions and dates, by build date."""
    dates = [date for by, date in table.index.dates if by == BY_BUILD]
    return {
        "submissions": int(table.pings[: table.index.by_build].sum()),
        "dates": len(dates),
        "first": dates[0] if dates else "",
        "last": dates[-1] if dates else "",
    }
