"""Lines of a table as JSON: by numpy and the JSON library, or, the same to the byte, by the part in C."""

from importlib.util import find_spec

import numpy as np

from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.rows import plain
from telemetry_tasks.formats.scan import AUTO, NATIVE, SIMD

BUILT = find_spec("telemetry_tasks.formats.rows._native") is not None


def rows_backend(backend: str = AUTO) -> str:
    """What writes rows here: ``native`` where the part in C was built and ``simd`` is not asked for, else ``simd``."""
    return NATIVE if BUILT and backend != SIMD else SIMD


def row_texts(table: Table, ids: np.ndarray | None = None, backend: str = AUTO) -> list[bytes]:
    """A JSON array for each line: buckets, statistics, pings, and the line's id (int64) where ``ids`` are given."""
    if rows_backend(backend) == SIMD:
        return plain.row_texts(table, ids)
    from telemetry_tasks.formats.rows import native

    return native.row_texts(table, ids)
