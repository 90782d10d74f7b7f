"""The shape of histograms as clients of 2013 send them: an array of buckets, and behind them five sums.

A sum of -1 is not known. Of an array of 3 buckets and an unknown ``log_sum``::

    array     4 0 1   7 -1 30 9 0        columns   4 0 1   7 0 30 9 0   1      the last one counts the ping
              buckets sums                         known   1 0  1 1 1
"""

from functools import lru_cache

from telemetry_tasks.core.shapes import INDEX, Axis, Run, Shape

SUMS = ("sum", "log_sum", "log_sum_squares", "sum_squares_lo", "sum_squares_hi")
"""The last elements of an array."""

SQUARES_LOW, SQUARES_HIGH = SUMS.index("sum_squares_lo"), SUMS.index("sum_squares_hi")
"""Positions in ``SUMS`` of the two halves of one number."""

_ALL = (1 << len(SUMS)) - 1


@lru_cache(maxsize=1 << 12)
def histogram_shape(buckets: int, unknown: int = 0, source: str = "") -> Shape:
    """The columns of an array of ``buckets`` and the five sums. ``unknown`` has bit i set if sum i is not known.

    Raises ``ValueError`` if there is no bucket.
    """
    if buckets < 1:
        raise ValueError(f"an array of {buckets + len(SUMS)} elements holds no bucket")
    return Shape(Axis(INDEX, buckets, source=source), SUMS, _ALL & ~unknown)


def array_shape(length: int, unknown: int = 0) -> Shape:
    """The same for an array of ``length`` elements: buckets and sums."""
    return histogram_shape(length - len(SUMS), unknown)


def histogram_run(measure: str, length: int, unknown: int = 0) -> Run:
    """The columns of a measure whose array has ``length`` elements. Raises ``ValueError`` if it holds no bucket."""
    return Run(measure, "", array_shape(length, unknown))


def array_length(shape: Shape) -> int:
    """Elements of an array of this shape: buckets and sums."""
    return shape.sum_columns.stop
