"""What exactness costs: the same partial results with and without leases, ledger, batches and atomic commits.

    python benchmarks/exactness.py [--rounds 4] [--json]

Reading, adding up and storing are the same on both sides; memory stores, a real Redis. CPU is that of this process and
of Redis, medians of rounds in turn; the ratio is that of the throughputs a core in the same round (without it = 1).
"""

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis
import structlog

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import FileRef, Partition, partition_of
from telemetry_tasks.core.views import marginal
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import partial
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.results import result_key
from telemetry_tasks.pipeline.services import Services
from tests.faults.feed import Feed, make_feed
from tests.servers.redis import RedisServer
from tests.support.deployment import SAVED_SESSION, aggregate_all, deployment, merge_all
from tests.support.shared import make_pings

SLICE, BATCH = 10, 50


def exact(services: Services) -> int:
    """The pipeline as it is, up to the commits."""
    count = aggregate_all(services)
    merge_all(services)
    return count


def bare(services: Services) -> int:
    """The same work, without detection of lost or duplicate work."""
    client = services.state.client
    partitions: list[Partition] = []
    for info in services.input.list():
        name = SAVED_SESSION.key(info.key).channel_version
        partition = partition_of(name, [FileRef(info.key, info.etag, info.size)])
        body = partial.encode(aggregate_files(services, partition))
        services.results.put(result_key(name, partition.id), body)
        partitions.append(partition)
    for name in sorted({partition.channel_version for partition in partitions}):
        mine = [partition for partition in partitions if partition.channel_version == name]
        for at in range(0, len(mine), BATCH):
            cells = _sum(services, name, mine[at : at + BATCH])
            client.rpush(f"bare:{name}", cells_format.encode(cells))
    return len(partitions)


def _sum(services: Services, name: str, batch: list[Partition]) -> Cells:
    keys = []
    for at in range(0, len(batch), SLICE):
        bodies = [services.results.get(result_key(name, p.id)).body for p in batch[at : at + SLICE]]
        some = marginal(add_cells([partial.decode(body).cells.get(name, Cells()) for body in bodies]))
        keys.append(f"merged-slices/{name}/{batch[at].id}")
        services.results.put(keys[-1], cells_format.encode(some))
    return add_cells([cells_format.decode(services.results.get(key).body) for key in keys])


def cpu_seconds(work: Callable[[Services], int], feed: Feed, server: RedisServer) -> float:
    """CPU of this process and of Redis for one round on empty stores: wall time would measure the neighbours too."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        services = deployment(server.url, Options(partition_files=1))
        for key, body in feed.bodies.items():
            services.input.put(key, body)
        before, began = _redis_cpu(client), time.process_time()
        assert work(services) == len(feed.bodies)
        return time.process_time() - began + _redis_cpu(client) - before


def _redis_cpu(client: redis.Redis) -> float:
    used = client.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def row(name: str, feed: Feed, server: RedisServer, rounds: int) -> dict[str, object]:
    """Medians of several interleaved rounds, so that both run under the same load."""
    pairs = [(cpu_seconds(exact, feed, server), cpu_seconds(bare, feed, server)) for _ in range(rounds)]
    return {
        "row": name,
        "with": round(statistics.median(whole for whole, _ in pairs), 2),
        "without": round(statistics.median(plain for _, plain in pairs), 2),
        "ratio": round(statistics.median(plain / whole for whole, plain in pairs), 2),
    }


def real_size(files: int, pings: int) -> Feed:
    """Ping files like real ones: hundreds of measures per ping."""
    with tempfile.TemporaryDirectory() as folder:
        make_pings(Path(folder), files=files, pings=pings, seed=1, format="gz")
        paths = sorted(Path(folder).rglob("*.log.*"))
        return Feed({str(path.relative_to(folder)): path.read_bytes() for path in paths}, 0)


def rows(rounds: int) -> list[dict[str, object]]:
    """The cost of many small partitions, and of large ones."""
    with RedisServer(durable=True) as server:
        feeds = {"300 of 1 or 2 tiny pings": make_feed(300, 1), "40 of 50 real-sized pings": real_size(40, 50)}
        return [row(name, feed, server, rounds) for name, feed in feeds.items()]


def table(found: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = ["| partitions | with, CPU s | without, CPU s | throughput with / without |", "|---|---:|---:|---:|"]
    return "\n".join([*lines, *("| " + " | ".join(map(str, each.values())) + " |" for each in found)])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    found = rows(chosen.rounds)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
