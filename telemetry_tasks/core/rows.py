"""Whose numbers a row of cells holds. What its columns are: ``core.shapes``."""

from typing import NamedTuple


class Row(NamedTuple):
    """One population of one build and date. Equal rows are one row: their cells add up.

    ``build_date`` (``YYYYMMDD``) is empty if the row does not count by build date, ``submission_date``
    if it does not count by submission date. ``dimensions`` are the values of the configured dimensions.
    """

    build_date: str
    submission_date: str
    build_id: str
    revision: str
    dimensions: tuple[str, ...]
