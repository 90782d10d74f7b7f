"""The whole pipeline over 8000 made pings: S3, Redis, real Celery workers with 1 and 2 processes, to published JSON.

    python benchmarks/pipeline.py [--rounds 3] [--json] [--data FOLDER] [--files 80]

The files are in SeaweedFS before the clock starts, the workers idle. CPU is that of the workers and of beat from then
to the published index; that of their start is separate. So is that of the servers, which run on the same machine:
no wall time is less than the CPU of both divided by the cores. The floor is the kernel alone: ``aggregate`` over the
same files in one process, its start included. Waits for the schedule of beat are part of the wall time.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
import redis
from celery import Celery
from harness import AGGREGATE, Contestant, data_folder, files_below, made_pings, options, run

from telemetry_tasks.storage.redis.state import RedisState
from tests.servers import s3 as s3_servers
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.system.processes import Fleet, wait_until

GOALS = {"cpu": 1.6, "wall": 0.6}
HOUR = "3600"
SETTINGS = {
    "DISCOVER_INTERVAL": "1",
    "MERGE_INTERVAL": "1",
    "SWEEP_INTERVAL": "60",
    "PUBLISH_INTERVAL": HOUR,
    "PARTITION_BYTES": str(4 << 20),
    "SOFT_TIME_LIMIT": "480",
    "TIME_LIMIT": "600",
    "VISIBILITY_TIMEOUT": "900",
    "LEASE": "1200",
    "MERGE_LEASE": "300",
}


@dataclass(frozen=True)
class Taken:
    """Seconds: CPU of the workers and beat without and at their start, wall in all and to the moment all files count.

    ``servers``: CPU seconds of both Redis and the object store. ``memory``: MiB of the worker at the end.
    """

    cpu: float
    start: float
    wall: float
    counted: float
    memory: float
    servers: float


def one(folder: Path, processes: int) -> Taken:
    """One run over empty servers."""
    os.environ.update(s3_servers.ENVIRONMENT)  # the credentials of the workers
    with (
        tempfile.TemporaryDirectory() as logs,
        RedisServer() as state,
        RedisServer() as broker,
        WeedServer() as s3,
        Fleet(Path(logs), state, broker, s3, **SETTINGS) as fleet,
    ):
        keys = [str(Path(file).relative_to(folder)) for file in files_below(folder)]
        fleet.upload(folder, keys)
        worker = fleet.worker(processes=processes).wait_ready()
        servers = (state.pid, broker.pid, s3.pid)
        start, idle = cpu_of(worker.pid), sum(map(cpu_of, servers))
        begin = time.perf_counter()
        beat = fleet.beat()
        environment = fleet.environment
        found = RedisState(redis.Redis.from_url(environment["TELEMETRY_REDIS_URL"]), "", fleet.name)
        wait_until(lambda: _all_counted(found, len(keys)), 600, fleet.processes)
        counted = time.perf_counter() - begin
        app = Celery(broker=environment["TELEMETRY_BROKER_URL"])
        app.conf.task_serializer, app.conf.accept_content = "msgpack", ["msgpack"]
        app.conf.broker_transport_options = {"global_keyprefix": fleet.celery_prefix}
        app.send_task("publish", queue="publish")
        wait_until(lambda: len(fleet.published.files()[0]) == len(keys), 600, fleet.processes)
        wall = time.perf_counter() - begin
        memory = sum(p.memory_info().rss for p in _tree(worker.pid)) / 2**20
        ours = cpu_of(worker.pid) + cpu_of(beat.pid) - start
        return Taken(ours, start, wall, counted, memory, sum(map(cpu_of, servers)) - idle)


def _all_counted(state: RedisState, files: int) -> bool:
    epoch = state.epoch()
    if epoch is None:
        return False
    counts = [state.channel_version(name, epoch).counts() for name in state.channel_versions()]
    known = sum(count.files for count in counts)
    return known == files and not any(c.waiting or c.running or c.aggregated or c.batches for c in counts)


def _tree(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_of(pid: int) -> float:
    """Seconds of a process and its children, including ended ones."""
    total = 0.0
    for process in _tree(pid):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def rows(rounds: int, kept: Path | None, files: int) -> list[dict[str, object]]:
    """The medians of interleaved rounds, and the ratios within them."""
    with data_folder(kept) as folder:
        pings = made_pings(folder, files, seed=2)
        kernel = Contestant("kernel alone", (*AGGREGATE, "--root", str(pings), str(pings), "-o", str(folder / "k.tt")))
        rounds_ = [(run(kernel), one(pings, 1), one(pings, 2)) for _ in range(rounds)]
    out: list[dict[str, object]] = [
        {
            "row": "kernel alone",
            "cpu": round(statistics.median(k.cpu for k, _, _ in rounds_), 2),
            "wall": round(statistics.median(k.wall for k, _, _ in rounds_), 2),
        }
    ]
    for index, name in ((1, "1 process"), (2, "2 processes")):
        several = [each[index] for each in rounds_]
        row: dict[str, object] = {"row": name}
        for field in ("cpu", "start", "wall", "counted", "memory", "servers"):
            row[field] = round(statistics.median(getattr(taken, field) for taken in several), 2)
        row["cpu ratio"] = round(statistics.median(each[index].cpu / each[0].cpu for each in rounds_), 2)
        row["wall ratio"] = round(statistics.median(each[index].wall / each[1].wall for each in rounds_), 2)
        out.append(row)
    return out


def table(found: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    heads = {
        "row": "",
        "cpu": "CPU s",
        "cpu ratio": "× kernel",
        "start": "CPU s of start",
        "servers": "CPU s of servers",
        "wall": "wall s",
        "wall ratio": "× 1 process",
        "counted": "wall s till counted",
        "memory": "MiB",
    }
    lines = ["| " + " | ".join(heads.values()) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(str(row.get(column, "")) for column in heads) + " |" for row in found]
    return "\n".join([*lines, "", f"Goals: CPU × kernel ≤ {GOALS['cpu']}, wall × 1 process ≤ {GOALS['wall']}."])


def main() -> None:
    """The command."""
    parser = options(__doc__, rounds=3)
    parser.add_argument("--files", type=int, default=80, help="files of 100 pings each")
    chosen = parser.parse_args()
    found = rows(chosen.rounds, chosen.data, chosen.files)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
