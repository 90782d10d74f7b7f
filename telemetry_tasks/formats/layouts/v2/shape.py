"""What the positions of a distribution stand for, and which sums are behind it, as published.

``{"axis": {"kind": …}, "sums": [[name, …], …], "shares": true?, "clients": {"registers": n}?}``. docs/layout-2.md says
what a position means on each kind of axis.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.errors import DataError

INDEX, BOUNDS, EXPONENTIAL, CATEGORIES, NONE = "index", "bounds", "exponential", "categories", "none"
KINDS_OF_AXIS = (INDEX, BOUNDS, EXPONENTIAL, CATEGORIES, NONE)


@dataclass(frozen=True, slots=True)
class PublishedShape:
    """``axis`` is JSON: its ``kind``, and what that kind needs. ``sums`` are groups of names.

    ``registers`` is the number of registers of the client sketches; 0 if there are none.
    """

    axis: Mapping[str, Any]
    sums: tuple[tuple[str, ...], ...] = ()
    shares: bool = False
    registers: int = 0

    @property
    def text(self) -> str:
        """Canonical JSON: equal shapes have equal texts, and shapes are sorted by them."""
        return json.dumps(self.value(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def sum_names(self) -> tuple[str, ...]:
        """All sums, group by group."""
        return tuple(name for group in self.sums for name in group)

    @property
    def has_positions(self) -> bool:
        """Whether there are buckets, categories or values to count."""
        return bool(self.axis["kind"] != NONE)

    def value(self) -> dict[str, Any]:
        """The shape as JSON; members that are false are left out."""
        return {
            "axis": dict(self.axis),
            "sums": [list(group) for group in self.sums],
            **({"shares": True} if self.shares else {}),
            **({"clients": {"registers": self.registers}} if self.registers else {}),
        }


def read_shape(value: Any) -> PublishedShape:
    """A shape of its JSON. Raises ``DataError`` ``bad-shape``."""
    try:
        axis, groups = value["axis"], tuple(tuple(map(str, group)) for group in value["sums"])
        if axis["kind"] not in KINDS_OF_AXIS:
            raise DataError("bad-shape", f"the kind of axis {axis['kind']!r} is not known")
        registers = value.get("clients", {}).get("registers", 0)
        return PublishedShape(axis, groups, value.get("shares", False) is True, int(registers))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("bad-shape", str(error)) from error
