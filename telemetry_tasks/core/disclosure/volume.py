"""How much is shown of a measure."""

from dataclasses import dataclass

from telemetry_tasks.core.disclosure.suppression import Suppressed
from telemetry_tasks.core.kinds_of_date import BY_BUILD


@dataclass(frozen=True, slots=True)
class Volume:
    """How much is shown of a measure: submissions and dates by build date, and what is small or unknown in it."""

    submissions: int
    dates: int
    first: str
    last: str
    small_cells: int = 0
    left_out_cells: int = 0
    unknown_definition: bool = False


def volume_of(shown: Suppressed, unknown_definition: bool = False) -> Volume:
    """The volume of a measure's table as it is published."""
    table = shown.table
    dates = [date for by, date in table.index.dates if by == BY_BUILD]
    return Volume(
        submissions=int(table.pings[: table.index.by_build].sum()),
        dates=len(dates),
        first=dates[0] if dates else "",
        last=dates[-1] if dates else "",
        small_cells=shown.collapsed,
        left_out_cells=shown.left_out,
        unknown_definition=unknown_definition,
    )
