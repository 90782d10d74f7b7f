"""Whose numbers a row of cells holds, and which measure a column belongs to."""

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


class Run(NamedTuple):
    """A run of columns: one measure, one array length, one set of unknown statistics.

    ``length`` counts the elements of the array as submitted: buckets and the five statistics. The run has one
    column more, the number of pings. ``unknown`` has bit i set where statistic i was -1, "not known"; such a
    statistic adds nothing, so adding is plain addition. ``simple`` tells a simple measurement from a histogram.
    """

    measure: str
    length: int
    unknown: int
    simple: bool

    @property
    def width(self) -> int:
        """Columns of the run: the array and the number of pings."""
        return self.length + 1


STATISTICS = 5
"""sum, log_sum, log_sum_squares, sum_squares_lo, sum_squares_hi: the last elements of a histogram's array."""

PINGS = Run("", 0, 0, False)
"""The run that counts all pings of a row. It sorts before every measure."""
