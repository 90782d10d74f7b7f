"""The example browser's trains: every four weeks what was nightly becomes beta, and what was beta is released."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

APPLICATION = "ExampleBrowser"
CHANNELS = ("nightly", "beta", "release")
EPOCH = date(2012, 1, 2)
"""The first day of nightly 3, beta 2 and release 1; no build is older."""

CYCLE = 28
_BUILD_DAYS = {"nightly": range(CYCLE), "beta": range(0, CYCLE, 4), "release": range(0, CYCLE, 14)}
"""Days of a cycle, counted from 0, on which a channel gets a build."""


@dataclass(frozen=True, slots=True)
class Build:
    """``revision`` is a URL as clients send it; its last part is the revision id."""

    channel: str
    version: str
    build_id: str
    day: date

    @property
    def revision(self) -> str:
        digest = hashlib.sha1(f"{self.channel}/{self.build_id}".encode(), usedforsecurity=False)
        return f"https://hg.example.org/example-{self.channel}/rev/{digest.hexdigest()[:12]}"


def cycle_day(day: date) -> int:
    """How many days of its cycle had passed, 0 to 27."""
    return (day - EPOCH).days % CYCLE


def build_of(channel: str, day: date) -> Build | None:
    """The build that a channel got on a day, if it got one."""
    if day < EPOCH or cycle_day(day) not in _BUILD_DAYS[channel]:
        return None
    behind = CHANNELS.index(channel)
    major = (day - EPOCH).days // CYCLE + len(CHANNELS) - behind
    version = {"nightly": f"{major}.0a1", "beta": f"{major}.0", "release": f"{major}.0"}[channel]
    if channel == "release" and cycle_day(day):
        version += ".1"
    return Build(channel, version, f"{day:%Y%m%d}03{day.day:02d}{behind:02d}", day)


def newest_builds(channel: str, day: date, count: int) -> list[Build]:
    """The last ``count`` builds up to and including a day, newest first; fewer only near ``EPOCH``."""
    found: list[Build] = []
    while len(found) < count and day >= EPOCH:
        build = build_of(channel, day)
        if build is not None:
            found.append(build)
        day -= timedelta(days=1)
    return found
