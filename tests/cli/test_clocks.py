"""Clocks that differ are told; how long a question takes is no difference."""

import time
from collections.abc import Callable

import pytest

from telemetry_tasks.cli.checks.check import OK, WRONG
from telemetry_tasks.cli.checks.clocks import compare


def slow() -> float:
    there = time.time()
    time.sleep(0.2)
    return there


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [
        (time.time, OK),
        (slow, OK),
        (lambda: time.time() + 5, OK),
        (lambda: time.time() + 90, WRONG),
        (lambda: time.time() - 90, WRONG),
    ],
)
def test_a_clock_may_be_ten_seconds_off(clock: Callable[[], float], outcome: str) -> None:
    (check,) = compare("Clock", clock)
    assert check.outcome == outcome
    assert bool(check.remedy) is (outcome == WRONG)


def test_it_says_which_is_ahead() -> None:
    assert "90 s ahead of" in next(compare("Clock", lambda: time.time() + 90)).detail
    assert "90 s behind" in next(compare("Clock", lambda: time.time() - 90)).detail
