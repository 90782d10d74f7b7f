"""Reprocessing while files come in, killed half way, started twice."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from telemetry_tasks.core.blocks import is_ledger_block
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.ledger import decode_entries
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.recovery.checkpoint import find_checkpoints
from telemetry_tasks.pipeline.recovery.saved import read_state
from tests.faults.bench import Bench
from tests.faults.chaos import kill_worker
from tests.faults.feed import Feed, make_feed
from tests.faults.size import SEED, sized
from tests.faults.test_lost_redis import flush
from tests.faults.truth import Truth

Make = Callable[..., Bench]
COMMAND = (sys.executable, "-m", "telemetry_tasks.cli.main")
SHORT_ARRAYS = Limits(array_length=12)
"""Leaves out two of the feed's four measures."""


def command(one: Bench, *arguments: str) -> "subprocess.Popen[str]":
    """Starts a command in the bench's environment."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, **one.fleet.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def no_job_left(one: Bench) -> bool:
    return not any(state.jobs() for state in channel_states(one.services))


@pytest.mark.case("reprocessing")
def test_a_reprocessing_during_intake_killed_half_way_and_started_twice_ends_right(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 300), SEED), random.Random(SEED)
    one = bench(feed).start()
    keys = dice.sample(feed.keys, len(feed.keys))
    half = len(keys) // 2
    one.upload(keys[:half])
    one.wait_listed(half)
    removed = keys[: half // 4]
    one.reader.may_go = set(removed)
    one.services.input.delete(removed)
    one.record.fault("file removed from the bucket", len(removed))

    first, second = command(one, "reprocess"), command(one, "reprocess")
    one.upload(keys[half:])
    time.sleep(dice.uniform(2.0, 4.0))
    first.kill()
    one.record.fault("command killed")
    for _ in range(sized(1, 4)):
        one.record.fault(kill_worker(one, dice)())
        time.sleep(1)
    for each in (first, second):
        told = each.communicate(timeout=300)[0]
        assert "Traceback" not in told, told
    one.wait_until(lambda: no_job_left(one), 300, "the jobs are done")
    last = command(one, "reprocess")
    told = last.communicate(timeout=300)[0]
    assert last.returncode == 0, told
    one.feed = Feed({at: body for at, body in feed.bodies.items() if at not in removed}, 0)
    one.wait_bytes(truth.of(one.feed))
    one.check(truth.of(one.feed), lines=False)


def restart_with(one: Bench, limits: Limits) -> None:
    """The same deployment after a change of its settings."""
    for process in (*one.workers, *one.beats):
        process.kill()
        one.fleet.processes.remove(process)
    one.fleet.environment["TELEMETRY_LIMIT_ARRAY_LENGTH"] = str(limits.array_length)
    one.services = replace(one.services, limits=limits)
    one.workers = [one.fleet.worker(processes=2) for _ in range(2)]
    one.beats = [one.fleet.beat()]


def by_version(published: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What is published of each channel/version, by name of the file."""
    out: dict[str, dict[str, str]] = {}
    for path, digest in published.items():
        if path.count("/") == 2:
            out.setdefault(path.rpartition("/")[0], {})[path] = digest
    return out


@pytest.mark.case("F24")
def test_a_reprocessing_with_other_limits_under_killed_workers_shows_all_or_nothing_of_a_version(
    bench: Make, truth: Truth
) -> None:
    feed, dice = make_feed(sized(12, 100), SEED), random.Random(SEED)
    old, new = by_version(truth.of(feed)), by_version(truth.of(feed, limits=SHORT_ARRAYS))
    assert old.keys() == new.keys()
    assert all(old[name] != new[name] for name in old)
    one = bench(feed).start()
    one.upload()
    one.wait_published()
    restart_with(one, SHORT_ARRAYS)
    asked = command(one, "reprocess")
    mixed: list[str] = []

    def all_new() -> bool:
        found = by_version(one.published())
        mixed.extend(name for name in found if found[name] not in (old[name], new[name]))
        return found == new

    for _ in range(sized(2, 8)):
        one.record.fault(kill_worker(one, dice)())
        all_new()
        time.sleep(1)
    one.wait_until(all_new, 300, "everything is published with the new limits")
    one.record.recovered()
    told = asked.communicate(timeout=300)[0]
    assert "Traceback" not in told, told
    assert mixed == []
    one.check(truth.of(feed, limits=SHORT_ARRAYS))


@pytest.mark.case("reprocessing")
def test_the_checkpoint_after_a_switch_brings_back_the_new_contribution(bench: Make, truth: Truth) -> None:
    """Workers write it; both Redis are wiped; what is published from the restored state is right, and nothing of the
    old files had to be read again."""
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed, SOFT_TIME_LIMIT="40", TIME_LIMIT="45", VISIBILITY_TIMEOUT="50", LEASE="50").start()
    one.upload()
    one.wait_published()
    assert find_checkpoints(one.services.published) == [], "the only ones are those that follow a switch"
    removed = dice.sample(feed.keys, len(feed.keys) // 4)
    one.reader.may_go = set(removed)
    one.services.input.delete(removed)
    one.record.fault("file removed from the bucket", len(removed))
    told = command(one, "reprocess").communicate(timeout=300)[0]
    assert "Traceback" not in told, told
    one.wait_until(lambda: no_job_left(one), 300, "the jobs are done")
    left = {at: body for at, body in feed.bodies.items() if at not in removed}

    def all_switches_in_one() -> bool:
        return any(files_of(one, stamp) == left.keys() for stamp in find_checkpoints(one.services.published))

    one.wait_until(all_switches_in_one, 180, "a checkpoint that contains every switch")

    before = len(one.events("aggregated"))
    flush(one)
    one.record.fault("both Redis wiped")
    late = make_feed(12, SEED, "late")
    assert by_version(truth.of(late)).keys() == by_version(truth.of(feed)).keys(), "each state is published again"
    one.feed = Feed({**left, **late.bodies}, 0)
    one.upload(late.keys)
    one.wait_bytes(truth.of(one.feed))
    (restored,) = {event["checkpoint"] for event in one.events("restored")}
    assert files_of(one, restored) == left.keys(), "it brings back what a switch took out"
    again = {event["partition"] for event in one.events("aggregated")[before:] if event["outcome"] == "aggregated"}
    assert len(again) == len(late.bodies), "old files were read again: the checkpoint did not have them"
    one.check(truth.of(one.feed), lines=False)


@pytest.mark.case("reprocessing")
@pytest.mark.parametrize("message", ["comes again", "is lost"])
def test_a_lost_worker_holds_up_a_reprocessing_for_seconds(bench: Make, truth: Truth, message: str) -> None:
    """The lease of partitions is long; a worker stops in the middle of one, and is killed."""
    feed = make_feed(sized(6, 60), SEED)
    one = bench(feed, LEASE="3600").start(workers=1)
    one.upload()
    one.wait_published()
    one.workers.pop().kill()
    stops = {"TELEMETRY_FAILPOINTS": "reprocess.before-store=stop"}
    lost = one.fleet.worker(processes=1, environment=stops)
    removed = feed.keys[: len(feed.keys) // 3]
    one.reader.may_go = set(removed)
    one.services.input.delete(removed)
    told = command(one, "reprocess", "--no-wait").communicate(timeout=300)[0]
    assert "Traceback" not in told, told
    one.wait_until(lambda: bool(worked_on(one)), 180, "a partition is worked on")
    lost.kill()
    began = time.monotonic()
    one.record.fault("worker killed in a partition of a job")
    if message == "is lost":
        with one.broker_client() as broker:
            broker.flushdb()
    one.workers.append(one.fleet.worker(processes=2))
    one.wait_until(lambda: no_job_left(one), 300, "the jobs are done")
    one.record.note(f"{time.monotonic() - began:.1f} s later the jobs are done")
    one.feed = Feed({at: body for at, body in feed.bodies.items() if at not in removed}, 0)
    one.wait_bytes(truth.of(one.feed))
    one.check(truth.of(one.feed), lines=False)


def worked_on(one: Bench) -> set[str]:
    """Partitions of jobs at which somebody is."""
    return {id for state in channel_states(one.services) for job in state.jobs() for id in state.backing_off(job)}


def files_of(one: Bench, stamp: str) -> set[str]:
    """The files that count in a checkpoint."""
    return {
        file.key
        for saved in read_state(one.services.published, stamp, 4).values()
        for block, body in saved.blocks.items()
        if is_ledger_block(block)
        for entry in decode_entries(body)
        for file in entry.partition.files
    }
