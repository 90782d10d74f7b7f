"""The table of all cases, as text for the terminal and as Markdown for a file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HEAD = ("case", "what", "partitions", "faults injected", "recovery, s", "whole, s", "result")
PASSED = "passed"
MANY = 20
"""So many passed rows of one test are one row of the table."""


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


def together(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows, but one for those of a test that has many; what did not pass stays for itself."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["case"], row["title"]].append(row)
    out: list[Mapping[str, Any]] = []
    for group in groups.values():
        passed = [row for row in group if row.get("result") == PASSED]
        if len(passed) < MANY:
            out += group
        else:
            out += [_one(passed), *(row for row in group if row.get("result") != PASSED)]
    return out


def _one(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The slowest recovery, the time of all."""
    slowest = max(row.get("recovery") or 0.0 for row in rows)
    told = f"{len(rows)} times, each with another fault, the last of them {rows[-1].get('faults', '')}"
    duration = sum(row.get("duration", 0.0) for row in rows)
    return {**rows[0], "faults": told, "notes": "", "recovery": slowest, "duration": duration}


def markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *map(cells, sorted(together(rows), key=by_case))]
    return "".join(f"| {' | '.join(text.replace('|', '/') for text in line)} |\n" for line in lines)
