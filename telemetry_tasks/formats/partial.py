"""Results of aggregation as bytes: partial results in the results prefix, files of ``aggregate`` and ``merge``.

A msgpack map, ``schema`` first: ``{schema, rules, files: [[key, etag, size, good, bad, left_out, error], …],
cells: {channel/version: block of cells (see ``cells``)}, limits: [mark, …]}``. ``limits`` says with which limits the
pings were read (see ``Limits.mark``); it is left out where they are the usual ones, and results of before it was told
have none either. The same result gives the same bytes.
"""

import msgpack

from telemetry_tasks.core.result import RULES_VERSION, USUAL_LIMITS, FileReport, Result
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells as cells_format

SCHEMA = 1


def encode(result: Result) -> bytes:
    """The result as bytes."""
    files = [
        [f.key, f.etag, f.size, f.good, dict(sorted(f.bad.items())), dict(sorted(f.left_out.items())), f.error]
        for f in sorted(result.files, key=lambda f: f.key)
    ]
    cells = {name: cells_format.encode(cells) for name, cells in sorted(result.cells.items())}
    limits = {} if result.limits == USUAL_LIMITS else {"limits": list(result.limits)}
    return msgpack.packb({"schema": SCHEMA, "rules": RULES_VERSION, "files": files, "cells": cells, **limits})


def decode(data: bytes, *, any_rules: bool = False) -> Result:
    """The result back. Raises ``DataError`` ``bad-result`` for anything else, and for results of other rules.

    ``any_rules`` is for taking out what counted: that are the same numbers by whatever rules.
    """
    try:
        document = msgpack.unpackb(data, strict_map_key=True)
        if document["schema"] != SCHEMA:
            raise ValueError(f"schema {document['schema']!r} is not known here")
        if document["rules"] != RULES_VERSION and not any_rules:
            raise ValueError(f"made by version {document['rules']!r} of the rules, not {RULES_VERSION}: reprocess it")
        files = tuple(FileReport(*fields) for fields in document["files"])
        cells = {name: cells_format.decode(block) for name, block in document["cells"].items()}
        return Result(cells, files, _marks(document.get("limits", USUAL_LIMITS)))
    except (msgpack.UnpackException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-result", f"not a result of this program: {error}") from error


def _marks(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(mark, str) for mark in value):
        raise ValueError(f"limits {value!r:.100} are no marks")
    return tuple(value)
