"""Results of aggregation as bytes: partial results in the results prefix, files of ``aggregate`` and ``merge``.

A msgpack map, ``schema`` first: ``{schema, rules, files: [[key, etag, size, day, good, bad, left_out, error], …],
cells: {channel/version: block of cells (see ``cells``)}, reading: text, limits: [text, …]}``. ``reading`` and
``limits`` are the settings with which the pings were read (see ``Result``). The same result gives the same bytes.
"""

import msgpack

from telemetry_tasks.core.result import RULES_VERSION, FileReport, Result
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells as cells_format

SCHEMA = 2


def encode(result: Result) -> bytes:
    """The result as bytes."""
    files = [
        [f.key, f.etag, f.size, f.day, f.good, dict(sorted(f.bad.items())), dict(sorted(f.left_out.items())), f.error]
        for f in sorted(result.files, key=lambda f: f.key)
    ]
    cells = {name: cells_format.encode(cells) for name, cells in sorted(result.cells.items())}
    settings = {"reading": result.reading, "limits": list(result.limits)}
    return msgpack.packb({"schema": SCHEMA, "rules": RULES_VERSION, "files": files, "cells": cells, **settings})


def decode(data: bytes, *, any_rules: bool = False) -> Result:
    """Decodes a result. Raises ``DataError`` ``bad-result`` for invalid bytes and for results of other rules.

    ``any_rules`` is for removing what counted: its numbers must be subtracted whatever its rules.
    """
    try:
        document = msgpack.unpackb(data, strict_map_key=True)
        if document["schema"] != SCHEMA:
            raise ValueError(f"schema {document['schema']!r} is not known here")
        if document["rules"] != RULES_VERSION and not any_rules:
            raise ValueError(f"made by version {document['rules']!r} of the rules, not {RULES_VERSION}: reprocess it")
        files = tuple(FileReport(*fields) for fields in document["files"])
        cells = {name: cells_format.decode(block) for name, block in document["cells"].items()}
        return Result(cells, files, *_settings(document["reading"], document["limits"]))
    except (msgpack.UnpackException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-result", f"not a result of this program: {error}") from error


def _settings(reading: object, limits: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(limits, list) or not all(isinstance(each, str) for each in (reading, *limits)):
        raise ValueError(f"reading {reading!r:.100} and limits {limits!r:.100} are not texts of settings")
    return str(reading), tuple(limits)
