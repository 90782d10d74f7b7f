"""Reprocessing while files come in, killed half way, started twice."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from telemetry_tasks.pipeline.epoch import channel_states
from tests.faults.bench import Bench
from tests.faults.chaos import kill_worker
from tests.faults.feed import Feed, make_feed
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth

Make = Callable[..., Bench]
COMMAND = (sys.executable, "-m", "telemetry_tasks.cli.main")


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
        told = each.communicate(timeout=120)[0]
        assert "Traceback" not in told, told
    one.wait_until(lambda: no_job_left(one), 300, "the jobs are done")
    last = command(one, "reprocess")
    told = last.communicate(timeout=120)[0]
    assert last.returncode == 0, told
    one.feed = Feed({at: body for at, body in feed.bodies.items() if at not in removed}, 0)
    one.wait_bytes(truth.of(one.feed))
    one.check(truth.of(one.feed), lines=False)
