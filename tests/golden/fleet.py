"""A small fleet that meets each rule once, counted by a deployment in memory whose clock and tokens are given."""

import gzip
import json
from collections.abc import Iterator
from itertools import count

from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.services import Services
from tests.support.deployment import aggregate_all, merge_all, run_all, services_over
from tests.support.memory_state import MemoryServer, MemoryState
from tests.support.pings import CACHE, FLAG, UNKNOWN, key, ping, ping_file
from tests.support.stores import Clock, WatchedStore

HUGE = 1 << 62
"""Two of them exceed int64."""


def files() -> dict[str, bytes]:
    """Two channel/versions, two systems, three builds, a fraction, huge numbers, bad lines and a broken file."""
    mac, linux = ("Darwin", "13.0.0", "x86-64"), ("Linux", "3.12", "x86-64")
    fraction = ping(FLAG)
    fraction["simpleMeasurements"] = {"uptime": 1.5, "addonManager": {"startup": 12}, "js": "no number"}
    huge = ping(UNKNOWN)
    huge["histograms"][UNKNOWN][:3] = [0, HUGE, 0.25]
    other_length = ping(FLAG, system=linux)
    other_length["histograms"][UNKNOWN] = [0, 2, 0, 2, -1, -1, -1, -1]
    bad = (b"no tab at all", b"id\t{", b"id\t" + json.dumps({"info": {}}).encode(), b"\xff\tx")
    packed = {
        key("a"): ping_file(ping(), ping(system=mac), ping(CACHE, bucket=2)),
        key("b", day=6, build=2): ping_file(ping(FLAG, bucket=0, system=linux), fraction, bad_lines=bad),
        key("c", day=7, build=3): ping_file(huge, huge, other_length),
        key("e", channel="beta", version="27.0"): ping_file(ping(CACHE, bucket=5), ping(CACHE, bucket=1, system=mac)),
    }
    # plain text: what gzip writes, and so the ETag, differs between versions of zlib
    plain = {path: gzip.decompress(body) for path, body in packed.items()}
    return {**plain, key("d", day=7, build=3): b"\x1f\x8b\x08 is not gzip", "somewhere/else.txt": b"not a ping file"}


def counted() -> Services:
    """The fleet's files discovered, aggregated, merged, published and in a checkpoint."""
    clock = Clock()
    numbers: Iterator[int] = count(1)
    server = MemoryServer(lambda: clock().timestamp(), lambda size: f"{next(numbers):0{2 * size}x}")
    stores = {name: WatchedStore(name, clock) for name in ("input", "results", "published")}
    services = services_over(MemoryState(server), **stores)
    for path, body in files().items():
        services.input.put(path, body)
    aggregate_all(services)
    merge_all(services)
    run_all(services)
    clock.pass_(60)
    checkpoint(services)
    return services
