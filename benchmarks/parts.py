"""One large channel/version published by real workers: whole and in parts, with 1 and 2 processes.

    python benchmarks/parts.py [--rounds 1] [--json] [--measures 480] [--part-mib 16] [--store weed|folder]

The state is made directly as cells (see ``made_state``; 60 dates × 40 populations); each contestant publishes all of
it to an empty place, with its own workers, idle before. CPU is that of the workers after their start, wall
from the message to the published index. Everything is on this one machine: SeaweedFS takes CPU that a bucket elsewhere
would not, a folder takes hardly any.
"""

import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import redis
from celery import Celery
from harness import options
from made_state import Size, load
from pipeline import cpu_of

from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.s3.client import S3Options
from tests.servers import s3 as s3_servers
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.support.deployment import deployment
from tests.system.processes import PUBLISHED_BUCKET, Fleet, wait_until

NEVER = str(1 << 40)
SETTINGS = {
    "PUBLISH_LEASE": "1800",
    "SOFT_TIME_LIMIT": "1200",
    "TIME_LIMIT": "1500",
    "VISIBILITY_TIMEOUT": "1800",
    "LEASE": "1800",
}


@dataclass(frozen=True)
class Contestant:
    """The number of processes, and the bytes from which a channel/version is cut into parts."""

    name: str
    processes: int
    part_bytes: str


def one(fleet: Fleet, place: str, reach: S3Options, contestant: Contestant) -> dict[str, float]:
    """The cost of one publish: CPU and wall seconds."""
    settings = {"PUBLISHED_URL": place, "PUBLISH_PART_BYTES": contestant.part_bytes}
    worker = fleet.worker(processes=contestant.processes, **settings).wait_ready()
    start, begin = cpu_of(worker.pid), time.perf_counter()
    app = Celery(broker=fleet.environment["TELEMETRY_BROKER_URL"])
    app.conf.task_serializer, app.conf.accept_content = "msgpack", ["msgpack"]
    app.conf.broker_transport_options = {"global_keyprefix": fleet.celery_prefix}
    app.send_task("publish", queue="publish")
    published = open_object_store(place, reach)
    wait_until(lambda: load_current(published).index.versions, 1200, fleet.processes)
    wall = time.perf_counter() - begin
    taken = {"cpu": cpu_of(worker.pid) - start, "wall": wall}
    worker.terminate()
    return taken


def rows(measures: int, part_bytes: int, rounds: int, store: str) -> list[dict[str, object]]:
    """The medians of interleaved rounds."""
    os.environ.update(s3_servers.ENVIRONMENT)  # the credentials of the workers
    contestants = [
        Contestant(f"{what}, {processes} process{'es' * (processes > 1)}", processes, size)
        for processes in (1, 2)
        for what, size in (("whole", NEVER), ("in parts", str(part_bytes)))
    ]
    taken: dict[str, list[dict[str, float]]] = {each.name: [] for each in contestants}
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer() as state,
        RedisServer() as broker,
        WeedServer() as s3,
        Fleet(Path(folder), state, broker, s3, **SETTINGS) as fleet,
    ):
        reach = S3Options(s3.endpoint_url, s3_servers.REGION, "path")
        url = fleet.environment["TELEMETRY_REDIS_URL"]
        kept = RedisState(redis.Redis.from_url(url), url, fleet.name)
        version = load(replace(deployment(url), state=kept), Size(measures))
        size = sum(version.block_bytes(list(version.base().blocks)).values())
        for number in range(rounds):
            for i, each in enumerate(contestants):
                place = f"s3://{PUBLISHED_BUCKET}/{fleet.name}/{number}-{i}"
                if store == "folder":
                    place = f"folder://{tempfile.mkdtemp(dir=folder)}"
                taken[each.name].append(one(fleet, place, reach, each))
    out: list[dict[str, object]] = []
    for name, several in taken.items():
        row: dict[str, object] = {"row": name, "measures": measures, "MiB": round(size / 2**20, 1)}
        for field in ("cpu", "wall"):
            row[field] = round(statistics.median(each[field] for each in several), 2)
            first = taken[contestants[0].name]
            ratios = [each[field] / other[field] for each, other in zip(several, first, strict=True)]
            row[f"{field} ratio"] = round(statistics.median(ratios), 2)
        out.append(row)
    return out


def table(found: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = ["| | CPU s | × whole, 1 process | wall s | × whole, 1 process |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {r['row']} | {r['cpu']} | {r['cpu ratio']} | {r['wall']} | {r['wall ratio']} |" for r in found]
    return "\n".join([*lines, "", f"{found[0]['measures']} measures, {found[0]['MiB']} MiB of packed cells."])


def main() -> None:
    """The command."""
    parser = options(__doc__, rounds=1)
    parser.add_argument("--measures", type=int, default=480)
    parser.add_argument("--part-mib", type=int, default=16, help="TELEMETRY_PUBLISH_PART_BYTES in MiB")
    parser.add_argument("--store", choices=("weed", "folder"), default="weed", help="where it is published to")
    chosen = parser.parse_args()
    found = rows(chosen.measures, chosen.part_mib << 20, chosen.rounds, chosen.store)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
