"""Random faults for an hour: ``python -m tests.faults.soak`` (SOAK_MINUTES, FAULT_SEED; the report also in SOAK_TABLE).

At the end what is published is held against a serial recomputation, and memory against that of the start.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from tests.faults.bench import Bench
from tests.faults.chaos import Fault, kill_child, kill_redis, kill_worker
from tests.faults.feed import Feed, make_file
from tests.faults.record import Record
from tests.faults.size import SEED
from tests.faults.test_lost_redis import cut_all, flush
from tests.faults.test_ping_files import MEBIBYTE, resident
from tests.faults.test_reprocessing_under_fire import command, no_job_left
from tests.faults.truth import Truth
from tests.servers.redis import RedisServer
from tests.servers.s3 import ENVIRONMENT
from tests.servers.weed import WeedServer

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
SETTLING = 30.0
"""Seconds before memory is looked at for the first time."""

EVERY = 6.0
"""Seconds between two faults."""


def faults(one: Bench, dice: random.Random) -> list[Fault]:
    """What may happen, the more usual things more often."""

    def frozen() -> str:
        worker = dice.choice(one.workers)
        worker.freeze()
        time.sleep(9)
        worker.thaw()
        return "worker frozen for 9 s"

    def cut() -> str:
        with one.broker_client() as client:
            cut_all(client)
        return "connections to the broker cut"

    def wiped() -> str:
        flush(one)
        return "both Redis wiped"

    def saved() -> str:
        try:
            checkpoint(one.services)
        except (InfrastructureError, OperatorError) as error:
            return f"checkpoint not written ({type(error).__name__})"
        return "checkpoint written (no fault)"

    def removed() -> str:
        """With everything else that happens its reprocessing may get lost: the last one is at the end."""
        there = sorted(one.listed() & set(one.feed.bodies))
        if not there:
            return "no file to remove"
        at = dice.choice(there)
        one.reader.may_go = {*one.reader.may_go, at}
        one.services.input.delete([at])
        one.feed = one.feed.part([each for each in one.feed.keys if each != at])
        reprocess(one)
        return "file removed and reprocessed"

    usual = [kill_worker(one, dice), kill_child(one, dice), kill_redis(one, dice), cut]
    return [*usual * 4, frozen, frozen, wiped, saved, saved, saved, removed, removed]


def reprocess(one: Bench) -> int:
    """Has everything reprocessed whose files are not as they were; the command's exit code."""
    process = command(one, "reprocess")
    process.communicate(timeout=300)
    return process.returncode


def memory(one: Bench, weed: WeedServer) -> dict[str, float]:
    """Resident MiB of every process, and what each Redis says of its own."""
    found = {"store": resident(psutil.Process(weed.pid)), "this harness": resident(psutil.Process())}
    for name, server in (("state", one.state), ("broker", one.broker)):
        found[f"{name} Redis"] = resident(psutil.Process(server.pid))
        with one.state_client() if name == "state" else one.broker_client() as client:
            found[f"{name} Redis, used_memory"] = int(client.info("memory")["used_memory"])
            found[f"{name} Redis, number of keys"] = client.dbsize() * MEBIBYTE
    for process in (*one.workers, *one.beats):
        found[process.name] = resident(psutil.Process(process.pid))
        for number, child in enumerate(process.children()):
            found[f"{process.name}, child {number}"] = resident(child)
    return {name: size / MEBIBYTE for name, size in found.items()}


def suffer(one: Bench, dice: random.Random, each_minute: Callable[[], None]) -> None:
    """Files come in and faults happen until the time is over."""
    deadline = time.monotonic() + MINUTES * 60
    kinds = faults(one, dice)
    number, minute = 0, time.monotonic()
    while time.monotonic() < deadline:
        for _ in range(dice.randrange(1, 6)):
            at, body, lines = make_file(dice, f"s{number:06d}")
            one.feed = one.feed.with_files({at: body}, lines)
            one.services.input.put(at, body)
            number += 1
        one.record.fault(dice.choice(kinds)())
        time.sleep(EVERY * dice.uniform(0.5, 1.5))
        one.revive()
        if time.monotonic() - minute >= 60:
            minute = time.monotonic()
            each_minute()


def report(one: Bench, begin: dict[str, float], end: dict[str, float], samples: list[str]) -> str:
    """Markdown."""
    head = (
        f"{MINUTES:g} minutes, FAULT_SEED={SEED}: {len(one.feed.bodies)} files, {one.record.faults} events: "
        f"{one.record.row['faults']}. Recovery after the last one: {one.record.row['recovery']} s. "
        f"{one.record.row['notes']}.\n\n"
    )
    names = [*begin, *(name for name in end if name not in begin)]

    def shown(found: dict[str, float], name: str) -> str:
        return f"{found[name]:.1f}" if name in found else ""

    lines = [f"| {name} | {shown(begin, name)} | {shown(end, name)} |" for name in names]
    table = "\n".join(["| MiB | start | end |", "| --- | --- | --- |", *lines])
    return f"{head}{table}\n\nResident MiB by minute, all workers and beat together: {', '.join(samples)}\n"


def main() -> int:
    os.environ.update(ENVIRONMENT)
    dice = random.Random(SEED)
    with WeedServer() as weed, RedisServer() as own, tempfile.TemporaryDirectory(prefix="soak-") as folder:
        one = Bench(
            Path(folder),
            weed,
            Record("soak", "random faults", SEED),
            Feed({}, 0),
            GARBAGE_INTERVAL="60",
            GRACE_TIME="120",
        )
        try:
            one.start().wait_ready()
            time.sleep(SETTLING)
            begin = memory(one, weed)
            samples: list[str] = []
            names = {process.name for process in (*one.workers, *one.beats)}

            def sample() -> None:
                found = memory(one, weed)
                samples.append(f"{sum(size for name, size in found.items() if name.split(',')[0] in names):.0f}")
                print(f"{len(samples)} min: {samples[-1]} MiB, {one.progress()}", flush=True)

            suffer(one, dice, sample)
            one.wait_published(300)
            one.wait_until(lambda: no_job_left(one) and reprocess(one) == 0, 600, "all is reprocessed")
            right = Truth(own).of(one.feed)
            one.wait_bytes(right)
            one.check(right, lines=False)
            time.sleep(SETTLING)
            text = report(one, begin, memory(one, weed), samples)
        finally:
            one.close()
    print(text)
    if path := os.environ.get("SOAK_TABLE"):
        Path(path).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
