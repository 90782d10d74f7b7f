"""Every rule of docs/formats.md, checked on what is published, through the eyes of a reader that knows no more."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from telemetry_tasks.core.rows import STATISTICS
from telemetry_tasks.core.tree import ID, NAME
from telemetry_tasks.errors import DataError, NotFound
from telemetry_tasks.formats.published import LATEST, VERSIONS, parse_stamp, read_json, read_lines

Fetch = Callable[[str], bytes]
"""Gives an object's bytes (compressed or not) by its path below the published prefix, or raises ``NotFound``."""

SHOWN = re.compile(r"\w+/\d+\Z", re.ASCII)
KINDS = {"boolean", "flag", "enumerated", "linear", "exponential"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: where, and what."""

    where: str
    what: str


def check_published(fetch: Fetch) -> Iterator[Finding]:
    """All findings on the snapshot that the index names. Raises nothing for bad data; ``fetch``'s errors pass."""
    try:
        versions, latest = read_json(fetch(VERSIONS)), read_json(fetch(LATEST))
    except (NotFound, DataError) as error:
        yield Finding("index", str(error))
        return
    if not isinstance(versions, dict) or not isinstance(latest, dict):
        yield Finding("index", f"{VERSIONS} or {LATEST} is no object")
        return
    yield from _check_index(fetch, versions, latest)
    for name, path in sorted(versions.items()):
        if not SHOWN.match(name):
            yield Finding(name, "readers will not show this name: it is not letters, digits or _, a slash, digits")
        yield from _check_version(fetch, path)


def _check_index(fetch: Fetch, versions: dict[str, str], latest: dict[str, Any]) -> Iterator[Finding]:
    stamp = latest.get("current", "")
    try:
        parse_stamp(stamp)
    except ValueError:
        yield Finding(LATEST, f"{stamp!r} is no stamp")
    root = f"current/{stamp}"
    if sorted(versions) != latest.get("versions"):
        yield Finding(VERSIONS, f"does not name the same channel/versions as {LATEST}")
    for document in ("versions.json", "health.json"):
        yield from _readable(fetch, f"{root}/{document}")
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
        read_json(fetch(path))
    except (NotFound, DataError) as error:
        yield Finding(path, str(error))


def _check_version(fetch: Fetch, path: str) -> Iterator[Finding]:
    try:
        tree, definitions, revisions = (
            read_json(fetch(f"{path}/{name}.json")) for name in ("filter-tree", "histograms", "revisions")
        )
    except (NotFound, DataError) as error:
        yield Finding(path, str(error))
        return
    leaves: set[int] = set()
    for what in _tree_faults(tree, set(), leaves):
        yield Finding(f"{path}/filter-tree.json", what)
    if set(definitions) != set(revisions):
        yield Finding(f"{path}/revisions.json", "does not have the measures of histograms.json")
    for measure, definition in sorted(definitions.items()):
        yield from _check_measure(fetch, path, measure, definition, leaves)


def _tree_faults(node: Mapping[str, Any], ids: set[int], leaves: set[int]) -> Iterator[str]:
    own = node.get(ID)
    if type(own) is not int or own in ids:
        yield f"id {own!r} is no number, or comes twice"
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
    """Buckets of a published definition. Raises ``DataError`` where it is none."""
    kind = definition.get("kind")
    if kind not in KINDS:
        raise DataError("bad-definition", f"kind {kind!r} is not known to readers")
    if kind in ("boolean", "flag"):
        return 3
    count = definition.get("n_values" if kind == "enumerated" else "n_buckets")
    numbers = [count] if kind == "enumerated" else [count, definition.get("low"), definition.get("high")]
    if any(type(number) is not int for number in numbers):
        raise DataError("bad-definition", "a number is missing, or is none")
    return int(count or 0) + (kind == "enumerated")


def _check_measure(
    fetch: Fetch, path: str, measure: str, definition: Mapping[str, Any], leaves: set[int]
) -> Iterator[Finding]:
    where = f"{path}/{measure}"
    try:
        length = bucket_count(definition) + STATISTICS + 2
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
            dates = read_json(fetch(file))
        except (NotFound, DataError) as error:
            yield Finding(file, str(error))
            continue
        yield from (Finding(file, what) for what in _row_faults(dates, length, leaves))


def _row_faults(dates: Mapping[str, list[list[float]]], length: int, leaves: set[int]) -> Iterator[str]:
    if list(dates) != sorted(dates):
        yield "the dates are not sorted"
    for date, rows in dates.items():
        if not re.fullmatch(r"\d{8}", date):
            yield f"{date!r} is no date"
        ids = [row[-1] if row else None for row in rows]
        if any(id not in leaves for id in ids):
            yield f"{date}: a row is of no leaf of the filter tree"
        if any(not (a < b) for a, b in pairwise(ids) if a is not None and b is not None):
            yield f"{date}: rows are not sorted by filter id, or one comes twice"
        for row in rows:
            if len(row) != length:
                yield f"{date}: a row has {len(row)} numbers, not {length}"
            elif any(type(number) not in (int, float) for number in row):
                yield f"{date}: a row holds something that is no number"
