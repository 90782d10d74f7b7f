"""The table of all cases, as text for the terminal and as Markdown for a file."""

from collections.abc import Iterable, Mapping
from typing import Any

HEAD = ("case", "what", "partitions", "faults injected", "recovery, s", "whole, s", "result")


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row as text."""
    recovery = "" if row.get("recovery") is None else f"{row['recovery']:.1f}"
    told = "; ".join(filter(None, (row.get("faults", ""), row.get("notes", ""))))
    whole = f"{row.get('duration', 0):.0f}"
    return (row["case"], row["title"], str(row["partitions"] or ""), told, recovery, whole, row.get("result", ""))


def by_case(row: Mapping[str, Any]) -> tuple[int, int, str]:
    """The order of the table: F1, F2, … F34, then the others."""
    number = row["case"].removeprefix("F").split("+")[0]
    return (0, int(number), row["title"]) if number.isdigit() else (1, 0, row["case"] + row["title"])


def markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *map(cells, sorted(rows, key=by_case))]
    return "".join(f"| {' | '.join(text.replace('|', '/') for text in line)} |\n" for line in lines)
