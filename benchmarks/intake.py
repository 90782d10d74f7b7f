"""Many tiny files: found in a listing, grouped into partitions, registered, aggregated, counted.

    python benchmarks/intake.py [--rounds 1] [--json] [--files 100000]

Files of one small ping each, in memory stores (to measure this program, not a server), with a real
Redis. "second look" is a discovery that finds nothing new, which is what runs every minute.
"""

import argparse
import json
import statistics

from metering import Bench, Reading, bench

from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from tests.support.deployment import merge_all
from tests.support.pings import ping_file


def _aggregate(found: Bench) -> None:
    services = found.services
    while jobs := claim_partitions(services):
        for job in jobs:
            aggregate_partition(services, job.channel_version, job.partition)


def once(files: int) -> dict[str, Reading]:
    """The cost of each step, from an empty deployment."""
    with bench(s3_server=False) as found:
        services, body = found.services, ping_file()
        for number in range(files):
            day = 1 + number % 28
            key = f"saved_session/Firefox/nightly/28.0a1/20131201030201.201312{day:02d}.v2.log.{number:08d}.gz"
            services.input.put(key, body)
        ensure_state(services)
        now = services.input.now()
        taken = {
            "discovered and registered": found.measured(lambda: discover(services, now, all_now=True)),
            "second look": found.measured(lambda: discover(services, now, all_now=True)),
            "aggregated": found.measured(lambda: _aggregate(found)),
            "merged": found.measured(lambda: merge_all(services)),
            "published": found.measured(lambda: publish(services)),
        }
        (state,) = (services.state.channel_version(n, services.state.epoch() or "") for n in ["nightly/28"])
        assert state.counts().merged > 0
        assert state.counts().files == files
    return taken


def rows(files: int, rounds: int) -> list[dict[str, object]]:
    """The medians by step."""
    runs = [once(files) for _ in range(rounds)]
    out: list[dict[str, object]] = []
    for name in runs[0]:
        row: dict[str, object] = {"row": name, "files": files}
        for field in ("cpu", "wall", "requests", "trips"):
            row[field] = round(statistics.median(getattr(run[name], field) for run in runs), 3)
        row["µs CPU a file"] = round(float(str(row["cpu"])) / files * 1e6, 1)
        out.append(row)
    return out


def table(found: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = ["| | CPU s | wall s | requests | trips to Redis | µs CPU a file |", "|---|---:|---:|---:|---:|---:|"]
    for row in found:
        cells = (row["row"], row["cpu"], row["wall"], row["requests"], row["trips"], row["µs CPU a file"])
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--files", type=int, default=100_000)
    chosen = parser.parse_args()
    found = rows(chosen.files, chosen.rounds)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
