"""The published documents, as docs/formats.md describes them: values to bytes, the same values to the same bytes."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry_tasks.core.tables import BY_BUILD, KINDS_OF_DATE, Table
from telemetry_tasks.errors import DataError

GZIP_LEVEL = 5
JSON, TEXT = "application/json", "text/plain"
IMMUTABLE = "public, max-age=31536000, immutable"
NO_CACHE = "no-cache"
STAMP = "%Y%m%d%H%M%S"

VERSIONS, LATEST, CHECKPOINTS = "versions.json", "latest-current.json", "check-points.json"
CURRENT, CHECK_POINTS = "current", "check-points"


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes ready to be stored, compressed, and their headers."""

    body: bytes
    content_type: str = JSON
    cache_control: str = IMMUTABLE


def stamp(moment: datetime) -> str:
    """``YYYYMMDDhhmmss`` in UTC."""
    return moment.astimezone(UTC).strftime(STAMP)


def parse_stamp(text: str) -> datetime:
    """The moment of a stamp. Raises ``ValueError``."""
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)


def json_document(value: object, *, cache_control: str = IMMUTABLE) -> Document:
    """Compact strict JSON, keys sorted."""
    return Document(packed(_dumps(value)), JSON, cache_control)


def text_document(lines: Iterable[str]) -> Document:
    """One line each."""
    return Document(packed("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")), TEXT)


def packed(data: bytes) -> bytes:
    """Compressed; no time and no name inside."""
    return gzip.compress(data, GZIP_LEVEL, mtime=0)


def _dumps(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def read_json(body: bytes) -> Any:
    """A stored document's value, compressed or not. Raises ``DataError`` ``bad-document``."""
    try:
        return orjson.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
    except (OSError, EOFError, ValueError) as error:
        raise DataError("bad-document", str(error)) from error


def read_lines(body: bytes) -> list[str]:
    """A stored list's lines. Raises ``DataError`` ``bad-document``."""
    try:
        return (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode().splitlines()
    except (OSError, EOFError, ValueError) as error:
        raise DataError("bad-document", str(error)) from error


def measure_documents(
    table: Table, leaf_ids: Mapping[tuple[str, ...], int], definition: Mapping[str, Any]
) -> dict[str, Document]:
    """The files of one measure: a file of rows for each kind of date, and the sums over all populations.

    ``definition`` is the measure's entry of ``histograms.json``.
    """
    rows: dict[str, dict[str, list[list[int | float]]]] = {by: {} for by in KINDS_OF_DATE}
    values = table.values()
    for key, line in zip(table.keys, values, strict=True):
        rows[key.by].setdefault(key.date, []).append([*line, leaf_ids[key.dimensions]])
    for dates in rows.values():
        for lines in dates.values():
            lines.sort(key=lambda line: line[-1])
    documents = {f"{table.measure}-{by}.json": json_document(dates) for by, dates in rows.items()}
    documents[f"{table.measure}-summary.json"] = json_document(summary_value(table, leaf_ids, definition))
    return documents


def summary_value(
    table: Table, leaf_ids: Mapping[tuple[str, ...], int], definition: Mapping[str, Any]
) -> dict[str, Any]:
    """The value of a measure's summary: a row a date with all populations added up, and submissions by population.

    With the definition in it, it is all that a first chart needs.
    """
    totals = table.totals()
    out: dict[str, Any] = {"schema": 1, "definition": dict(definition), **{by: {} for by in KINDS_OF_DATE}}
    populations: dict[str, dict[str, int]] = {by: {} for by in KINDS_OF_DATE}
    for key, line in zip(totals.keys, totals.values(), strict=True):
        out[key.by][key.date] = line
    for key, pings in zip(table.keys, table.whole[:, -1].tolist(), strict=True):
        leaf = str(leaf_ids[key.dimensions])
        populations[key.by][leaf] = populations[key.by].get(leaf, 0) + pings
    return {**out, "populations": populations}


def measure_facts(table: Table) -> dict[str, Any]:
    """What the index of measures says of a table: submissions and dates, by build date."""
    builds = [
        (key.date, int(pings)) for key, pings in zip(table.keys, table.whole[:, -1], strict=True) if key.by == BY_BUILD
    ]
    dates = sorted({date for date, _ in builds})
    return {
        "submissions": sum(pings for _, pings in builds),
        "dates": len(dates),
        "first": dates[0] if dates else "",
        "last": dates[-1] if dates else "",
    }
