"""A deployment in this process: memory stores, a real Redis, every step called directly."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import redis

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.reading import Reading
from telemetry_tasks.formats.documents import read_json
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.names import CURRENT
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.pipeline.publish.snapshot import Published, publish
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.merge import merge_slice, plan_merges, reduce_batch
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.redis.state import RedisState
from telemetry_tasks.storage.state import State
from tests.support.shared import SHARED

FALLBACK_REVISION = "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4"
DIMENSIONS = ("reason", "appName", "OS", "osVersion", "arch")
READING = Reading("saved-session", 1, DIMENSIONS, FALLBACK_REVISION).fingerprint
SAVED_SESSION = ping_format("saved-session", DIMENSIONS, FALLBACK_REVISION)


def deployment(redis_url: str, options: Options | None = None, **stores: ObjectStore) -> Services:
    """Services over empty stores and the Redis at ``redis_url``."""
    return services_over(RedisState(redis.Redis.from_url(redis_url), redis_url, "tt"), options, **stores)


def services_over(
    state: State,
    options: Options | None = None,
    definitions: DefinitionSources | None = None,
    **stores: ObjectStore,
) -> Services:
    """Services over a state, and empty stores where none are given."""
    return Services(
        input=stores.get("input") or MemoryObjectStore("input"),
        results=stores.get("results") or MemoryObjectStore("results"),
        published=stores.get("published") or MemoryObjectStore("published"),
        state=state,
        definitions=definitions
        or DefinitionSources([FolderDefinitions(SHARED / "data" / "definitions")], parse_definitions),
        ping_format=SAVED_SESSION,
        limits=Limits(),
        options=options or Options(),
        reading=READING,
    )


def begin_later_epoch(state: State, epoch: str | None = None) -> str:
    """Makes a later epoch the current one, as a restore does; the epoch."""
    epoch = epoch or state.next_epoch()
    assert state.begin_restore(epoch)
    assert state.finish_restore(epoch)
    return epoch


def upload(store: ObjectStore, root: Path, keys: Iterable[str] | None = None) -> list[str]:
    """Puts the ping files below ``root`` into the store under their keys."""
    keys = sorted(str(p.relative_to(root)) for p in root.rglob("*.log.*")) if keys is None else list(keys)
    for key in keys:
        store.put(key, (root / key).read_bytes())
    return keys


def aggregate_all(services: Services, order: random.Random | None = None) -> int:
    """Discovers and aggregates until nothing waits; how many partitions."""
    ensure_state(services)
    discover(services, services.input.now(), all_now=True)
    count = 0
    while jobs := claim_partitions(services):
        if order:
            order.shuffle(jobs)
        for job in jobs:
            aggregate_partition(services, job.channel_version, job.partition)
        count += len(jobs)
    return count


def merge_all(services: Services, order: random.Random | None = None) -> list[str]:
    """Merges all that is aggregated."""
    jobs = plan_merges(services)
    if order:
        order.shuffle(jobs)
    return [
        reduce_batch(
            services,
            job.channel_version,
            job.batch,
            [merge_slice(services, job.channel_version, s) for s in job.slices],
        )
        for job in jobs
    ]


def run_all(services: Services, seed: int | None = None) -> Published:
    """From the files in the bucket to what is published."""
    order = None if seed is None else random.Random(seed)
    aggregate_all(services, order)
    merge_all(services, order)
    return publish(services)


def published_bytes(store: ObjectStore) -> dict[str, str]:
    """SHA-256 of all that readers can reach from the index, under names without stamps.

    A manifest names the files of a folder: what a part of a publish left of a measure that is gone is not reached.
    """
    index = load_current(store).index
    latest = read_json(store.get(LATEST).body)
    root = f"{CURRENT}/{index.stamp}"
    out = {"versions": ",".join(latest["versions"])}
    for name in ("versions.json", "FILES_PROCESSED", "FILES_MISSING", "health.json"):
        out[name] = hashlib.sha256(store.get(f"{root}/{name}").body).hexdigest()
    for version, path in index.paths().items():
        manifest = load_manifest(store, path)
        assert manifest is not None, f"{path} is shown and not whole"
        for file in manifest.files:
            out[f"{version}/{file}"] = hashlib.sha256(store.get(f"{path}/{file}").body).hexdigest()
    return out


def lines(keys: Sequence[str]) -> str:
    """Keys as a list file has them."""
    return "".join(f"{key}\n" for key in keys)
