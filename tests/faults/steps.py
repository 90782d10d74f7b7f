"""What a process of the deployment does, step by step, over folders and a real Redis: for children that are killed."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from telemetry_tasks.failpoints import Failpoints, failpoint
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.jobs import overdue_jobs, start_job, work_left
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import switch_job
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.merge import merge_slice, plan_merges, reduce_batch
from telemetry_tasks.storage.local.store import FolderObjectStore
from tests.support.deployment import deployment

LEASE = 0.05
HOUR = 3600.0
REPROCESSED = "*.f00000.*"


def folder_deployment(url: str, folder: Path, **options: float) -> Services:
    """A deployment of files below a folder, with leases that are over at once."""
    given: dict[str, Any] = {
        "partition_files": 2,
        "batch_partitions": 3,
        "slice_partitions": 2,
        "lease": LEASE,
        "merge_lease": LEASE,
        "publish_lease": LEASE,
        "restore_lease": 10 * LEASE,
        "grace_time": HOUR,
        "keep_checkpoints": 1,
        "transfers": 1,
        **options,
    }
    stores = {}
    for name in ("input", "results", "published"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        stores[name] = FolderObjectStore(folder / name)
    return deployment(url, Options(**given), **stores)


def run_and_exit(order: dict[str, Any]) -> None:
    """Does what a fork was ordered to do, and ends the process."""
    code = 1
    try:
        assert isinstance(failpoint, Failpoints)
        failpoint.arm(order["failpoints"])
        services = folder_deployment(order["url"], Path(order["folder"]), **order["options"])
        for name in order["steps"]:
            STEPS[name](services)
        code = 0
    except Exception:  # noqa: BLE001 - whatever it is, the parent is told by the exit code
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _discover(services: Services) -> None:
    ensure_state(services)
    discover(services, services.input.now(), all_now=True)


def _aggregate(services: Services) -> None:
    while jobs := claim_partitions(services, overdue=99):
        for job in jobs:
            aggregate_partition(services, job.channel_version, job.partition)


def _merge(services: Services) -> None:
    for job in plan_merges(services):
        slices = [merge_slice(services, job.channel_version, part) for part in job.slices]
        reduce_batch(services, job.channel_version, job.batch, slices)


def _reprocess(services: Services) -> None:
    for plan in plan_jobs(services, Selection(files=(REPROCESSED,))):
        start_job(services, plan)
    for state in channel_states(services):
        for job in state.jobs():
            for partition in work_left(services, state.name, job):
                recompute(services, state.name, job, partition)
            switch_job(services, state.name, job)


def _collect(services: Services) -> None:
    collect_garbage(services, services.published.now())


def _settle(services: Services) -> None:
    """All that was left half way is done: what sweeps come to, given time."""
    while services.state.epoch() is None:
        ensure_state(services)  # another one's restore may have to be over first
        time.sleep(LEASE)
    for _ in range(200):
        _discover(services)
        _aggregate(services)
        _merge(services)
        for name, job in overdue_jobs(services):
            for partition in work_left(services, name, job):
                recompute(services, name, job, partition)
            switch_job(services, name, job)
        states = channel_states(services)
        counts = [state.counts() for state in states]
        if not any(c.waiting or c.running or c.aggregated or c.batches for c in counts) and not any(
            state.jobs() for state in states
        ):
            break
        time.sleep(LEASE)
    else:
        raise AssertionError(f"it never ends: {counts}")
    publish(services)


def _verify(services: Services) -> None:
    findings = list(verify(services))
    assert findings == [], findings


STEPS: dict[str, Callable[[Services], object]] = {
    "discover": _discover,
    "aggregate": _aggregate,
    "merge": _merge,
    "publish": publish,
    "checkpoint": checkpoint,
    "reprocess": _reprocess,
    "collect": _collect,
    "settle": _settle,
    "verify": _verify,
}
ALL = ["discover", "aggregate", "merge", "publish", "reprocess", "publish", "checkpoint", "checkpoint", "collect"]
