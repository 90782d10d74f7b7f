"""What went wrong, or better, in which builds: planted, so that there is something to find.

Cycles repeat, so any four weeks of builds show each of them, and pings made later agree with those made before.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from telemetry_tasks.simulation.batch import Batch
from telemetry_tasks.simulation.builds import CYCLE, cycle_day


@dataclass(frozen=True, slots=True)
class Plan:
    """In builds of ``channel`` of the cycle's days ``first`` to ``last``, ``measure`` is ``factor`` times as large.

    ``os`` None means everywhere. A boolean's factor is that of the share of trues.
    """

    measure: str
    factor: float
    channel: str
    first: int
    last: int
    os: str | None
    story: str


PLANS = (
    Plan("PAGE_LOAD_MS", 1.4, "nightly", 8, 15, "WINNT", "A change of the layout engine, backed out after a week."),
    Plan("GC_PAUSE_MS", 1.6, "nightly", 18, 27, None, "A new collector, switched off when the next cycle began."),
    Plan("MEMORY_RESIDENT_KB", 1.25, "nightly", 4, 24, "Linux", "A leak in the font cache."),
    Plan("CACHE_HIT", 0.7, "nightly", 12, 20, "Darwin", "A cache key that changed with every start."),
    Plan("NET_TLS_HANDSHAKE_MS", 0.6, "nightly", 10, 27, "Android", "An improvement: sessions are resumed."),
    Plan("SESSION_RESTORE_MS", 1.5, "release", 14, 14, "WINNT", "The point release reads its session twice."),
)


@dataclass(frozen=True, slots=True)
class Regression:
    """A plan in one cycle: the builds of ``first`` to ``last`` have it, both included."""

    plan: Plan
    first: date
    last: date


def regressions(first_build: date, last_build: date) -> list[Regression]:
    """All regressions that builds of these days can show, by the day they came in."""
    found: list[Regression] = []
    start = first_build - timedelta(days=cycle_day(first_build))
    while start <= last_build:
        for plan in PLANS:
            first, last = start + timedelta(days=plan.first), start + timedelta(days=plan.last)
            if first <= last_build and last >= first_build:
                found.append(Regression(plan, first, last))
        start += timedelta(days=CYCLE)
    return sorted(found, key=lambda each: (each.first, each.plan.measure))


def factors(measure: str, batch: Batch) -> NDArray[np.float64] | None:
    """The factor by which each ping's values of a measure are off; None if no value is."""
    plans = [plan for plan in PLANS if plan.measure == measure]
    if not plans:
        return None
    factor = np.ones(batch.size)
    for plan in plans:
        with_it = np.array([_has(plan, build.channel, build.day) for build in batch.builds])[batch.build]
        if plan.os is not None:
            with_it &= batch.runs_on(plan.os)
        factor[with_it] *= plan.factor
    return factor


def _has(plan: Plan, channel: str, day: date) -> bool:
    return channel == plan.channel and plan.first <= cycle_day(day) <= plan.last
