"""The state in Redis: bytes per cell, and the time of a checkpoint and a restore.

    python benchmarks/state.py [--rounds 3] [--json] [--measures 150]

A state of measures × 60 dates × 40 populations, made directly as cells. A cell is a non-zero number; a line is
a row of published JSON. Checkpoint and restore are of one channel/version that is published already, on SeaweedFS.
"""

import argparse
import json
import statistics

from made_state import Size, blocks_of, load
from metering import Bench, Reading, bench

from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.restore import restore


def _memory(found: Bench) -> int:
    return int(found.services.state.client.info("memory")["used_memory"])


def rows(measures: int, rounds: int) -> list[dict[str, object]]:
    """Sizes, and the median costs of checkpoint and restore."""
    size = Size(measures)
    cells = sum(len(block.whole.numbers) + len(block.fraction.numbers) for _, block in blocks_of(size))
    with bench(s3_server=True) as found:
        empty = _memory(found)
        load(found.services, size)
        held = _memory(found) - empty
        publish(found.services)
        taken: dict[str, list[Reading]] = {"checkpoint": [], "restore": []}
        for _ in range(rounds):
            taken["checkpoint"].append(found.measured(lambda: checkpoint(found.services)))
            found.services.state.client.flushall()
            taken["restore"].append(found.measured(lambda: restore(found.services)))
    sizes = {"bytes": held, "cells": cells, "bytes/cell": round(held / cells, 2)}
    out: list[dict[str, object]] = [
        {"row": "state", "measures": measures, **sizes, "bytes/line": round(held / size.lines, 1)}
    ]
    for name, several in taken.items():
        row: dict[str, object] = {"row": name, "measures": measures}
        for field in ("cpu", "wall", "requests", "trips"):
            row[field] = round(statistics.median(getattr(each, field) for each in several), 3)
        out.append(row)
    return out


def table(found: list[dict[str, object]]) -> str:
    """The rows as text."""
    lines = []
    for row in found:
        lines.append(f"- {row['row']}: " + ", ".join(f"{name} {value}" for name, value in row.items() if name != "row"))
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measures", type=int, default=150)
    chosen = parser.parse_args()
    found = rows(chosen.measures, chosen.rounds)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
