"""Every rule of docs/formats.md, checked on what is published, through the eyes of a reader that knows no more."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from telemetry_tasks.core.disclosure.tree import ID, NAME
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.errors import DataError, NotFound
from telemetry_tasks.formats.published import (
    CHECKPOINT_LIST,
    IMMUTABLE,
    JSON,
    LATEST,
    NO_CACHE,
    TEXT,
    VERSIONS,
    parse_stamp,
    read_json,
    read_lines,
)

Fetch = Callable[[str], bytes]
"""Gives an object's bytes (compressed or not) by its path below the published prefix.

Raises ``NotFound``; ``DataError`` if it is damaged, or its headers are not as ``header_fault`` requires.
"""

CHANNEL_VERSION = re.compile(r"[\w.\-]+/[\w.\-]+\Z", re.ASCII)
"""Readers leave out names that are not ``\\w+/\\d+``, such as ``nightly-oak/28``; there is nothing wrong with those."""

KINDS = {"boolean", "flag", "enumerated", "linear", "exponential"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A violated rule: where, what, and which command repairs it."""

    where: str
    what: str
    repair: str = ""


PUBLISH = "telemetry-tasks publish; if it stays: telemetry-tasks reprocess for the channel/version"
"""What repairs published documents."""


def repaired_by(repair: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, with what repairs those that do not say."""
    return (replace(found, repair=found.repair or repair) for found in findings)


def check_published(fetch: Fetch) -> Iterator[Finding]:
    """All findings on the snapshot that the index names. Raises nothing for bad data; ``fetch``'s errors pass."""
    try:
        versions, latest = _object(fetch, VERSIONS), _object(fetch, LATEST)
    except (NotFound, DataError) as error:
        yield Finding("index", str(error))
        return
    yield from _check_index(fetch, versions, latest)
    for name, path in sorted(versions.items()):
        if not CHANNEL_VERSION.match(name):
            yield Finding(VERSIONS, f"{name!r} is not of the form channel/version")
        if isinstance(path, str):
            yield from _check_version(fetch, path)
        else:
            yield Finding(VERSIONS, f"{name!r} has no folder")


def header_fault(path: str, content_type: str, encoding: str | None, cache_control: str | None) -> str:
    """What is wrong with the headers of the object at ``path``; empty if they are as readers need them."""
    kind = TEXT if path.endswith(("/FILES_PROCESSED", "/FILES_MISSING")) else JSON
    cached = NO_CACHE if path in (VERSIONS, LATEST, CHECKPOINT_LIST) else IMMUTABLE
    found, right = (content_type.partition(";")[0], encoding, cache_control), (kind, "gzip", cached)
    return "" if found == right else f"{path} has the headers {found}, not {right}"


def _object(fetch: Fetch, path: str) -> dict[str, Any]:
    value = read_json(fetch(path))
    if not isinstance(value, dict):
        raise DataError("bad-document", f"{path} is not a JSON object")
    return value


def _check_index(fetch: Fetch, versions: dict[str, str], latest: dict[str, Any]) -> Iterator[Finding]:
    stamp = latest.get("current", "")
    try:
        parse_stamp(stamp)
    except (TypeError, ValueError):
        yield Finding(LATEST, f"{stamp!r} is not a stamp")
    root = f"current/{stamp}"
    if latest.get("usual", next(iter(versions), "")) not in [*versions, ""]:
        yield Finding(LATEST, f"the usual version {latest['usual']!r} is not published")
    if sorted(versions) != latest.get("versions"):
        yield Finding(VERSIONS, f"does not name the same channel/versions as {LATEST}")
    yield from _readable(fetch, f"{root}/health.json")
    try:
        if read_json(fetch(f"{root}/{VERSIONS}")) != latest.get("versions"):
            yield Finding(f"{root}/{VERSIONS}", f"does not name the same channel/versions as {LATEST}")
    except (NotFound, DataError) as error:
        yield Finding(f"{root}/{VERSIONS}", str(error))
    lists = {}
    for document in ("FILES_PROCESSED", "FILES_MISSING"):
        try:
            lists[document] = read_lines(fetch(f"{root}/{document}"))
        except (NotFound, DataError) as error:
            yield Finding(f"{root}/{document}", str(error))
    processed, missing = set(lists.get("FILES_PROCESSED", ())), lists.get("FILES_MISSING", [])
    if any("\t" not in line for line in missing):
        yield Finding(f"{root}/FILES_MISSING", "a line has no reason")
    if processed & {line.split("\t")[0] for line in missing}:
        yield Finding(f"{root}/FILES_MISSING", "a file is on both lists")


def _readable(fetch: Fetch, path: str) -> Iterator[Finding]:
    try:
        _object(fetch, path)
    except (NotFound, DataError) as error:
        yield Finding(path, str(error))


def _check_version(fetch: Fetch, path: str) -> Iterator[Finding]:
    try:
        tree, definitions, revisions = (
            _object(fetch, f"{path}/{name}.json") for name in ("filter-tree", "histograms", "revisions")
        )
    except (NotFound, DataError) as error:
        yield Finding(path, str(error))
        return
    leaves: set[int] = set()
    for what in _tree_faults(tree, set(), leaves):
        yield Finding(f"{path}/filter-tree.json", what)
    yield from _readable(fetch, f"{path}/measures.json")
    if set(definitions) != set(revisions):
        yield Finding(f"{path}/revisions.json", "does not have the measures of histograms.json")
    for measure, definition in sorted(definitions.items()):
        if isinstance(definition, dict):
            yield from _check_measure(fetch, path, measure, definition, leaves)
        else:
            yield Finding(f"{path}/histograms.json", f"{measure} is not a JSON object")


def _tree_faults(node: Mapping[str, Any], ids: set[int], leaves: set[int]) -> Iterator[str]:
    own = node.get(ID)
    if type(own) is not int or own in ids:
        yield f"id {own!r} is not a number, or is not unique"
        return
    ids.add(own)
    if NAME not in node:
        leaves.add(own)
        if set(node) != {ID}:
            yield f"node {own} has options and no name"
        return
    for option, child in node.items():
        if option in (ID, NAME):
            continue
        if not isinstance(child, dict) or "/" in option:
            yield f"option {option!r} of node {own} is not one"
        else:
            yield from _tree_faults(child, ids, leaves)


def bucket_count(definition: Mapping[str, Any]) -> int:
    """Buckets of a published definition. Raises ``DataError`` if it is invalid."""
    kind = definition.get("kind")
    if type(kind) is not str or kind not in KINDS:
        raise DataError("bad-definition", f"kind {kind!r} is not known to readers")
    if kind in ("boolean", "flag"):
        return 3
    count = definition.get("n_values" if kind == "enumerated" else "n_buckets")
    numbers = [count] if kind == "enumerated" else [count, definition.get("low"), definition.get("high")]
    if any(type(number) is not int for number in numbers):
        raise DataError("bad-definition", "a number is missing or invalid")
    buckets = int(count or 0) + (kind == "enumerated")
    if buckets < 1:
        raise DataError("bad-definition", "it has no bucket")
    return buckets


def _check_measure(
    fetch: Fetch, path: str, measure: str, definition: Mapping[str, Any], leaves: set[int]
) -> Iterator[Finding]:
    where = f"{path}/{measure}"
    try:
        length = histogram_shape(bucket_count(definition)).width + 1
    except DataError as error:
        yield Finding(where, str(error))
        return
    if type(definition.get("description")) is not str:
        yield Finding(where, "has no description")
    if not re.fullmatch(r"[A-Za-z0-9_.\-]+", measure):
        yield Finding(where, "the name cannot stand in a URL")
    for kind_of_date in ("by-build-date", "by-submission-date"):
        file = f"{where}-{kind_of_date}.json"
        try:
            dates = _object(fetch, file)
        except (NotFound, DataError) as error:
            yield Finding(file, str(error))
            continue
        yield from (Finding(file, what) for what in _row_faults(dates, length, leaves))
    yield from _readable(fetch, f"{where}-summary.json")


def _row_faults(dates: Mapping[str, Any], length: int, leaves: set[int]) -> Iterator[str]:
    if list(dates) != sorted(dates):
        yield "the dates are not sorted"
    for date, rows in dates.items():
        if not re.fullmatch(r"\d{8}", date):
            yield f"{date!r} is not a date"
        if not isinstance(rows, list) or not all(map(_are_numbers, rows)):
            yield f"{date}: a row holds something other than numbers"
            continue
        ids = [row[-1] if row else None for row in rows]
        if any(id not in leaves for id in ids):
            yield f"{date}: a row is of no leaf of the filter tree"
        if any(not (a < b) for a, b in pairwise(ids) if a is not None and b is not None):
            yield f"{date}: rows are not sorted by filter id, or one comes twice"
        for row in rows:
            if len(row) != length:
                yield f"{date}: a row has {len(row)} numbers, not {length}"


def _are_numbers(row: object) -> bool:
    return isinstance(row, list) and all(type(number) in (int, float) for number in row)
