"""Pings about to be made: who submits, with which build, all as arrays."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from telemetry_tasks.simulation.builds import CHANNELS, Build, newest_builds
from telemetry_tasks.simulation.fleet import SYSTEMS, Fleet

REASONS = ("saved_session", "idle_daily")
ACTIVE_SHARE = 0.75
WEEKEND_SHARE = 0.55
IDLE_DAILY_SHARE = 0.3
STRAGGLERS = 0.01
"""Clients of an active day that never updated for about 80 days: too late to count by submission date."""

_ADOPTION = {
    "nightly": (0.56, 0.2, 0.1, 0.06, 0.04, 0.02, 0.02),
    "beta": (0.6, 0.24, 0.12, 0.04),
    "release": (0.64, 0.22, 0.1, 0.04),
}
"""Share of a channel's clients on its newest build, the one before, …"""

_STRAGGLER_BUILDS = {"nightly": 80, "beta": 20, "release": 6}


@dataclass(frozen=True, slots=True)
class Batch:
    """One element a ping in each array: client, index of ``REASONS``, index of ``builds``."""

    fleet: Fleet
    builds: tuple[Build, ...]
    client: NDArray[np.int64]
    reason: NDArray[np.int64]
    build: NDArray[np.int64]

    @property
    def size(self) -> int:
        return len(self.client)

    @property
    def slowness(self) -> NDArray[np.float64]:
        return self.fleet.slowness[self.client]

    @property
    def activity(self) -> NDArray[np.float64]:
        """Factor of sample numbers; what is sent while idle covers a part of the session."""
        return self.fleet.activity[self.client] * np.where(self.reason == 0, 1.0, 0.4)

    def runs_on(self, os: str) -> NDArray[np.bool_]:
        """Which pings come from an operating system."""
        return np.array([system.os == os for system in SYSTEMS])[self.fleet.system[self.client]]

    def ordered(self) -> "Batch":
        """The same pings, those of one reason and build together."""
        order = np.lexsort((self.build, self.reason))
        return Batch(self.fleet, self.builds, self.client[order], self.reason[order], self.build[order])

    def part(self, begin: int, end: int) -> "Batch":
        """The pings from ``begin`` up to ``end``."""
        of = slice(begin, end)
        return Batch(self.fleet, self.builds, self.client[of], self.reason[of], self.build[of])


def day_batch(rng: np.random.Generator, fleet: Fleet, day: date) -> Batch:
    """What the fleet submits on a day: a session each of those who were active, and some more while idle."""
    share = WEEKEND_SHARE if day.weekday() >= 5 else ACTIVE_SHARE
    sessions = np.flatnonzero(rng.random(fleet.size) < share)
    idle = sessions[rng.random(len(sessions)) < IDLE_DAILY_SHARE]
    client = np.concatenate([sessions, idle])
    return _with_builds(rng, fleet, day, client, np.repeat([0, 1], [len(sessions), len(idle)]))


def moment_batch(rng: np.random.Generator, fleet: Fleet, day: date, pings: int) -> Batch:
    """``pings`` submissions of a moment of a day, from clients drawn at random."""
    reason = (rng.random(pings) < IDLE_DAILY_SHARE).astype(np.int64)
    return _with_builds(rng, fleet, day, rng.integers(fleet.size, size=pings), reason)


def _with_builds(
    rng: np.random.Generator, fleet: Fleet, day: date, client: NDArray[np.int64], reason: NDArray[np.int64]
) -> Batch:
    builds: list[Build] = []
    build = np.zeros(len(client), np.int64)
    for index, channel in enumerate(CHANNELS):
        here = np.flatnonzero(fleet.channel[client] == index)
        known = newest_builds(channel, day, _STRAGGLER_BUILDS[channel])
        if not known:
            raise ValueError(f"{day}: {channel} has no build yet")
        adoption = np.array(_ADOPTION[channel])[: len(known)]
        rank = rng.choice(len(adoption), len(here), p=adoption / adoption.sum())
        rank[rng.random(len(here)) < STRAGGLERS] = len(known) - 1
        build[here] = len(builds) + rank
        builds.extend(known)
    return Batch(fleet, tuple(builds), client, reason, build)
