"""Lines of a table as JSON: by numpy and the JSON library, or, with the same bytes, by the C extension.

The extension writes integers; the other numbers are written here.
"""

import numpy as np

from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.kernels import AUTO, SIMD, kernel_in_use
from telemetry_tasks.formats.rows import plain


def rows_backend(backend: str = AUTO) -> str:
    """The kernel that writes rows. Raises ``OperatorError`` (see ``kernel_in_use``)."""
    return kernel_in_use("telemetry_tasks.formats.rows", backend)


def row_texts(table: Table, ids: np.ndarray | None = None, backend: str = AUTO) -> list[bytes]:
    """A JSON array for each line: buckets, sums, pings, and the line's id (int64) if ``ids`` are given."""
    if rows_backend(backend) == SIMD:
        return plain.row_texts(table, ids)
    from telemetry_tasks.formats.rows import _native

    others = table.others()
    return _native.row_texts(table.whole, table.known, others.positions, plain.texts_of(others.numbers), ids)
