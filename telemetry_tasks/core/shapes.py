"""What columns mean: the model of all numbers that are added up.

Numbers stand in rows × columns (``core.cells``). A row says whose they are (``core.rows``), a **run** of columns what
they are: one measure in one **shape**. The run of a histogram of three buckets::

    column   0    1    2    3    4        5                6               7               8
             0    1    2    sum  log_sum  log_sum_squares  sum_squares_lo  sum_squares_hi  pings
             axis           sums                                                           counts

The **axis** says what the first columns, its positions, stand for. The **sums** are numbers of any size, with
fractions; a client may not know one of them: ``known`` says which ones these pings knew, and the others add nothing.
The **counts** are whole numbers.

*What may be added*: numbers of equal runs, column by column, in any order; nothing else. Adding looks at no meaning, so
whatever gives columns another meaning has to make another run: another number of buckets, other unknown sums, later
other bounds or another scale. That is why sums do not depend on the order in which files arrive, and why two clients
that define a measure differently never spoil each other's numbers. Runs of different shapes meet only where readers see
numbers, in a table (``core.tables``): those that have the same columns are added there, of the others one is chosen.

*Where columns are*: only ``Shape`` knows. All other code asks it: ``width``, ``column``, and the slices.
"""

from functools import lru_cache
from typing import NamedTuple

INDEX, NONE = "index", "none"
"""Kinds of an axis: the positions of an array, whose bounds a definition gives; no position at all."""

NO_BUILD = "0"
"""Stands for the build of an axis that has a source, as published. It sorts before all builds."""

PING_COUNT = "pings"
"""The count of pings, which every shape has."""


class Axis(NamedTuple):
    """What the positions of a run stand for. ``size`` is their number.

    ``detail`` are the numbers that tell axes of one kind apart (bounds, a scale); an index axis has none. ``source``
    names what defines an index axis; empty if it is the build that sent it.
    """

    kind: str
    size: int
    detail: tuple[float, ...] = ()
    source: str = ""


class Shape(NamedTuple):
    """The columns of a run, in this order: the positions of the axis, ``sums``, ``counts``.

    ``known`` has bit i set if these pings knew sum i.
    """

    axis: Axis
    sums: tuple[str, ...]
    known: int
    counts: tuple[str, ...] = (PING_COUNT,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.axis.size + len(self.sums) + len(self.counts)

    def column(self, name: str) -> int:
        """The column of a sum or a count. Raises ``ValueError`` if there is none of this name."""
        return self.axis.size + (*self.sums, *self.counts).index(name)

    @property
    def bucket_columns(self) -> slice:
        """The columns of the axis."""
        return slice(0, self.axis.size)

    @property
    def sum_columns(self) -> slice:
        """The columns of the sums."""
        return slice(self.axis.size, self.axis.size + len(self.sums))

    @property
    def count_columns(self) -> slice:
        """The columns of the counts."""
        return slice(self.axis.size + len(self.sums), self.width)

    def knows(self, position: int) -> bool:
        """Whether these pings knew the sum at this position of ``sums``."""
        return bool(self.known >> position & 1)

    def check(self) -> None:
        """Raises ``ValueError`` if these columns mean nothing that this program knows."""
        if self.axis.kind not in (INDEX, NONE):
            raise ValueError(f"the kind of axis {self.axis.kind!r} is not known")
        if self.axis.size < 0 or (self.axis.size == 0) != (self.axis.kind == NONE):
            raise ValueError(f"an axis of kind {self.axis.kind} has {self.axis.size} positions")
        if self.axis.detail or (self.axis.source and self.axis.kind == NONE):
            raise ValueError(f"an axis of kind {self.axis.kind} has details")
        if self.known >> len(self.sums):
            raise ValueError(f"{len(self.sums)} sums have the mask {self.known:b}")
        names = (*self.sums, *self.counts)
        if PING_COUNT not in self.counts or len(set(names)) != len(names):
            raise ValueError(f"the columns {', '.join(names)} do not count pings, or one comes twice")


class Run(NamedTuple):
    """A run of columns, and what they count: contributions to equal runs are added, others never.

    ``key`` is what a measure is split by, and ``page`` which part of an axis without end it is; both are empty for
    histograms. Runs are sorted as tuples: their order decides the order of columns, and so the bytes of cells.
    """

    measure: str
    key: str
    shape: Shape
    page: int = 0

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.shape.width


PINGS = Run("", "", Shape(Axis(NONE, 0), (), 0))
"""The run that counts all pings of a row, of one column. It sorts before every measure."""


@lru_cache(maxsize=1 << 12)
def shape_in_tables(shape: Shape) -> Shape:
    """The shape of the table that shows these columns: the same whatever the source is and which sums were known."""
    return shape._replace(axis=shape.axis._replace(source=""), known=(1 << len(shape.sums)) - 1)
