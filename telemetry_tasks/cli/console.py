"""Output: results to stdout, remarks to stderr, colours on a terminal only."""

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from telemetry_tasks.cli.encoding import takes_every_character

WIDE = 200
"""Columns without a terminal: nothing is cut off."""


def out() -> Console:
    """Standard output. Made when used: tests and pipes replace it."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def err() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False)


def say(message: str, style: str = "") -> None:
    """A line of the result."""
    out().print(Text(message, style), soft_wrap=True)


def remark(message: str, style: str = "yellow") -> None:
    """A line beside the result."""
    err().print(Text(message, style), soft_wrap=True)


def print_json(document: object) -> None:
    """One JSON document on stdout; with escapes if its encoding lacks a character."""
    escaped = not takes_every_character(sys.stdout.encoding)
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=escaped) + "\n")
    sys.stdout.flush()  # a disk that is full is noticed while somebody can say so


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A table on stdout: the first column is text, the others are numbers, at the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:,}" if type(cell) is int else str(cell) for cell in row))
    out().print(table)


def size(count: float) -> str:
    """Bytes for people: ``12.3 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def duration(seconds: float) -> str:
    """Seconds for people: ``45 s``, ``3.5 min``, ``2.1 h``, ``5.0 d``."""
    for unit, length, most in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 48)):
        if seconds < most * length:
            return f"{seconds / length:.0f} s" if unit == "s" else f"{seconds / length:.1f} {unit}"
    return f"{seconds / 86400:.1f} d"
