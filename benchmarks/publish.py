"""A publish of 1500 measures × 60 dates × 40 populations: nothing changed, one measure changed, everything changed.

    python benchmarks/publish.py [--rounds 3] [--json] [--measures 1500] [--store weed|memory]

The state is made directly as cells (see ``made_state``): 7.2 million rows of JSON. CPU is that of the publishing
process, the compaction of the change included; Redis and SeaweedFS are other processes.
"""

import argparse
import json
import resource
import statistics
from collections.abc import Iterator

from made_state import Size, change_of, commit, load
from metering import Bench, Reading, bench

from telemetry_tasks.pipeline.publish.snapshot import publish

GOALS = {"nothing changed": (0.5, None), "one measure changed": (1.0, 10)}


def readings(found: Bench, size: Size, rounds: int) -> Iterator[tuple[str, Reading]]:
    """The cost of each publish. Everything is published only twice: first, and after a change of every measure."""
    state = load(found.services, size)
    yield "first publish", found.measured(lambda: publish(found.services))
    for number in range(rounds):
        yield "nothing changed", found.measured(lambda: publish(found.services))
        commit(state, change_of(size, size.names()[7:8], number), 10_000 + number)
        yield "one measure changed", found.measured(lambda: publish(found.services))
    commit(state, change_of(size, size.names(), 99), 20_000)
    yield "everything changed", found.measured(lambda: publish(found.services))


def rows(measures: int, rounds: int, store: str) -> list[dict[str, object]]:
    """The medians by what changed."""
    size = Size(measures)
    taken: dict[str, list[Reading]] = {}
    with bench(s3_server=store == "weed") as found:
        for name, reading in readings(found, size, rounds):
            taken.setdefault(name, []).append(reading)
    out: list[dict[str, object]] = []
    for name, several in taken.items():
        row: dict[str, object] = {"row": name, "measures": measures}
        for field in ("cpu", "wall", "requests", "trips"):
            row[field] = round(statistics.median(getattr(each, field) for each in several), 3)
        out.append(row)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*out, {"row": "peak MiB of the process", "measures": measures, "memory": round(peak)}]


def table(found: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = ["| | CPU s | wall s | S3 requests | trips to Redis | goal |", "|---|---:|---:|---:|---:|---|"]
    for row in found:
        if "memory" in row:
            lines.append(f"| {row['row']}: {row['memory']} | | | | | |")
            continue
        cpu, requests = GOALS.get(str(row["row"]), (None, None))
        goal = "" if cpu is None else f"< {cpu} s" + (f", ≤ {requests} requests" if requests else "")
        lines.append(f"| {row['row']} | {row['cpu']} | {row['wall']} | {row['requests']} | {row['trips']} | {goal} |")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measures", type=int, default=1500)
    parser.add_argument("--store", choices=("weed", "memory"), default="weed")
    chosen = parser.parse_args()
    found = rows(chosen.measures, chosen.rounds, chosen.store)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
