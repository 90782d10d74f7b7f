"""F32: thousands of lives by dice, of workers that take turns, with the state and the stores in memory.

Workers pause, crash and meet failures between any two requests; messages come twice, late or not at all; the state is
lost; files are replaced and removed. ``python -m tests.faults.simulation SEED`` tells one life.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.faults.record import Record
from tests.faults.simulation.guards import GUARDS
from tests.faults.simulation.life import FILES
from tests.faults.size import FULL, SEED, sized

LIVES = sized(150, 10_000)
PROCESSES = sized(1, os.cpu_count() or 1)
SOON = sized(1000, 10_000)
"""Lives within which a guard that is taken away is missed: most of them within a hundred, a slow one in thousands."""

IN_CALM = {"no-compaction-check", "no-superset", "no-sweep"}
"""Guards that are missed sooner where the weather lets something be published now and then."""

SLOW = {"no-compaction-check", "no-replacement-check", "no-superset"}
"""Guards that are seldom missed: taken away in the full size only."""

ROOT = Path(__file__).resolve().parents[2]


def started(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.simulation", *map(str, arguments)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Its lines of JSON: those of failed lives, and a last one of all of them."""
    output, _ = process.communicate()
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.mark.case("F32")
@pytest.mark.timeout(4 * 3600)
def test_whatever_happens_to_workers_that_take_turns_the_same_bytes_come_out(record: Record) -> None:
    """F32: each life ends with the bytes of a serial recomputation, and with nothing left to do."""
    lives = [LIVES // PROCESSES + (number < LIVES % PROCESSES) for number in range(PROCESSES)]
    running = [started(SEED + number, count, PROCESSES) for number, count in enumerate(lives)]
    lines = [told(process) for process in running]
    failed = [line for of_one in lines for line in of_one[:-1]]
    assert failed == [], f"seeds that fail: {[line['seed'] for line in failed]}, the first with {failed[0]['error']}"
    assert sum(of_one[-1]["lives"] for of_one in lines) == LIVES
    fates, done = Counter[str](), Counter[str]()
    for of_one in lines:
        fates.update(of_one[-1]["fates"])
        done.update(of_one[-1]["done"])
    for fate, times in fates.items():
        record.fault(fate, times)
    record.partitions(FILES * LIVES)
    requests = sum(of_one[-1]["requests"] for of_one in lines)
    record.note(f"{LIVES} lives, {requests} requests, {done['published']} publications, {done['restored']} restores")
    assert min(fates[fate] for fate in ("crashed after", "refused", "unanswered", "sent again")) > LIVES / 10
    assert min(done[what] for what in ("published", "restored", "reprocessing switched", "merged")) > LIVES / 10
    record.recovered()


@pytest.mark.case("F32")
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("guard", sorted(GUARDS.keys() - (set() if FULL else SLOW)))
def test_a_guard_that_is_taken_away_is_missed(guard: str, record: Record) -> None:
    """F31 for F32: the simulation fails where the product has a hole."""
    weather = () if guard in IN_CALM else ("--stormy",)
    found = told(started(SEED, SOON, "--guard-off", guard, "--until-failed", *weather))
    assert len(found) == 2, f"{SOON} lives without {guard}, and nothing was found"
    assert found[0]["error"].startswith(("AssertionError", "DataError")), found[0]
    record.fault(f"guard off: {guard}")
    record.note(f"found in life {found[-1]['lives']}: {found[0]['error']}"[:100])


@pytest.mark.case("F32")
def test_a_life_replays_in_another_process(record: Record) -> None:
    """F32: a seed that fails can be looked at again, step by step."""
    stormy = SEED + 1
    first, second = (started(stormy).communicate()[0].splitlines()[:-1] for _ in range(2))
    assert first == second
    assert len(first) > 50
    record.note(f"{len(first)} lines of trace")
