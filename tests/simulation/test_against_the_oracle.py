"""Four weeks of the fleet through the slow, obvious aggregation."""

import json
import math
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.simulation.builds import CYCLE, EPOCH, cycle_day
from telemetry_tasks.simulation.files import Packing, SimulatedFile, simulate_files
from telemetry_tasks.simulation.regressions import PLANS, Plan, regressions
from tests.shared_data import ORACLE

FIRST = EPOCH + timedelta(days=190 * CYCLE)
Simulated = tuple[list[SimulatedFile], dict[str, Any]]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    root: Path = tmp_path_factory.mktemp("pings")
    files = []
    for file in simulate_files(11, 150, FIRST, CYCLE, Packing("gz", bad_share=0.02)):
        path = root / file.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.body)
        files.append(file)
    ran = subprocess.run([sys.executable, str(ORACLE), "--root", str(root)], check=True, stdout=subprocess.PIPE)
    return files, json.loads(ran.stdout)


def test_exactly_the_lines_that_were_spoiled_are_bad(simulated: Simulated) -> None:
    files, result = simulated
    assert {file.key: {"good": file.good, "bad": file.bad} for file in files} == result["lines"]
    assert sum(file.bad for file in files) > 30


def level(result: dict[str, Any], plan: Plan, regressed: bool, elsewhere: bool = False) -> float:
    """Typical value of a measure over the cycle's builds that have, or lack, a regression.

    The geometric mean (of a boolean, the share of trues), on the systems that the plan names or on all others.
    """
    logs = total = samples = 0.0
    for path, cells in result["cells"].items():
        channel, _, measure, by = path.split("/")
        if (channel, measure, by) != (plan.channel, plan.measure, "by-build-date"):
            continue
        for filters, cell in cells.items():
            day = date.fromisoformat(filters[:8])
            here = plan.os in (None, filters.split("/")[3])
            if day < FIRST or here is elsewhere or has(plan, day) is not regressed:
                continue
            logs += cell["values"][-5]
            total += cell["values"][-6]
            samples += sum(cell["values"][:-6])
    return total / samples if plan.measure == "CACHE_HIT" else math.exp(logs / samples)


def has(plan: Plan, day: date) -> bool:
    return plan.first <= cycle_day(day) <= plan.last


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.measure)
def test_a_planted_regression_is_seen_in_its_builds_and_systems(simulated: Simulated, plan: Plan) -> None:
    ratio = level(simulated[1], plan, True) / level(simulated[1], plan, False)
    assert ratio == pytest.approx(plan.factor, rel=0.15)


@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan.os], ids=lambda plan: plan.measure)
def test_other_systems_do_not_have_it(simulated: Simulated, plan: Plan) -> None:
    ratio = level(simulated[1], plan, True, elsewhere=True) / level(simulated[1], plan, False, elsewhere=True)
    assert ratio == pytest.approx(1.0, abs=0.15)


def test_there_are_enough_builds_versions_and_populations_to_look_at(simulated: Simulated) -> None:
    versions = defaultdict(set)
    for path in simulated[1]["cells"]:
        channel, major, _, _ = path.split("/")
        versions[channel].add(major)
    assert {channel: len(majors) >= 2 for channel, majors in versions.items()} == {
        "nightly": True,
        "beta": True,
        "release": True,
    }


def test_thirty_days_of_builds_show_every_plan_wherever_they_begin() -> None:
    for offset in range(CYCLE):
        first = FIRST + timedelta(days=offset)
        found = regressions(first, first + timedelta(days=29))
        assert {each.plan for each in found} == set(PLANS)
        assert all(each.first <= first + timedelta(days=29) and each.last >= first for each in found)
