"""Lines of a table as JSON by the C extension, which writes integers; the other numbers are written here."""

import numpy as np

from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.rows import _native
from telemetry_tasks.formats.rows.plain import texts_of


def row_texts(table: Table, ids: np.ndarray | None) -> list[bytes]:
    """See ``row_texts`` of the package."""
    others = table.others()
    return _native.row_texts(table.whole, table.known, others.positions, texts_of(others.numbers), ids)
