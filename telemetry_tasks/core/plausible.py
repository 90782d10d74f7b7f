"""Which versions and dates are implausible: few pings have them, and they lie far from all others.

A client with a wrong clock or an invented version must not decide what everybody sees first. Such versions and
dates are kept and published, but not shown by default; their number is. This is the only place of the rule:
the page, telemetry.js, ``health.json``, ``status`` and the metrics show its verdict.

Counts of pings lie on a line: major versions of a channel, or days. The rule starts at the median ping, goes
outwards and stops at a gap wider than allowed if only *few* pings lie beyond it. So a new version on its
first day is never implausible (it is next to the others), and a version or date stops being implausible once it has
more than few pings. A build newer than the last submission is beyond a gap too, however small. The rule uses no
clock: the same pings give the same verdict.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import NamedTuple

from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.limits import parse_day
from telemetry_tasks.core.reading import fingerprint

MINORITY = 10
""""Few" is always less than one ping in this number, whatever the other thresholds say."""

DAYS_AHEAD = 2
"""A build may be so many days newer than the last submission: for time zones and inexact clocks."""

USUAL_CHANNEL = "nightly"

_SHOWN = re.compile(r"\w+/\d+\Z", re.ASCII)
"""Names that readers show."""

Outside = dict[str, str | int]
"""``first`` and ``last`` that are plausible, the ``number`` of versions or dates outside of them, their ``pings``."""


class Outliers(NamedTuple):
    """What is implausible: versions by channel, dates by channel/version and kind of date."""

    versions: Mapping[str, Outside]
    dates: Mapping[str, Mapping[str, Outside]]


NO_OUTLIERS = Outliers({}, {})


@dataclass(frozen=True, slots=True)
class Plausibility:
    """The thresholds. Few: less than ``pings`` pings, or than ``share`` of all. Gaps: ``versions``, ``days``."""

    pings: int = 10
    share: float = 0.001
    versions: int = 20
    days: int = 365

    @property
    def fingerprint(self) -> str:
        """Lines of ``name=value``: the index records them, so a change publishes a channel/version again."""
        return fingerprint({f"plausible_{name}": value for name, value in asdict(self).items()})

    def few(self, pings: int, total: int) -> bool:
        """Whether so many of all pings are few enough to be hidden by default."""
        return pings * MINORITY < total and (pings < self.pings or pings < self.share * total)

    def of_versions(self, pings: Mapping[str, int]) -> dict[str, Outside]:
        """What is outside, by channel, if anything. ``pings`` by ``channel/version``; versions that are not
        numbers are ignored. Low versions are old, and never implausible."""
        channels: dict[str, dict[int, int]] = {}
        for name, count in pings.items():
            channel, version = name.split("/", 1)
            if count > 0 and version.isascii() and version.isdigit():
                numbers = channels.setdefault(channel, {})
                numbers[int(version)] = numbers.get(int(version), 0) + count
        found = {}
        for channel, numbers in sorted(channels.items()):
            _, last = self._span(numbers, self.versions)
            if beyond := {number: count for number, count in numbers.items() if number > last}:
                found[channel] = _outside(str(min(numbers)), str(last), beyond)
        return found

    def usual(self, pings: Mapping[str, int]) -> str | None:
        """The ``channel/version`` to show first: the newest plausible one of nightly, or of the busiest channel if
        nightly has fewer than ``pings``: its share does not count, as releases have far more. None if none."""
        outside = self.of_versions(pings)
        shown = [name for name in pings if _SHOWN.match(name) and is_plausible(name, outside)]
        channels: dict[str, int] = {}
        for name in shown:
            channel = name.split("/")[0]
            channels[channel] = channels.get(channel, 0) + pings[name]
        if not channels:
            return None
        busiest = min(channels, key=lambda channel: (-channels[channel], channel))
        nightly = channels.get(USUAL_CHANNEL)
        rare = nightly is None or (nightly < self.pings and nightly * MINORITY < sum(channels.values()))
        chosen = busiest if rare else USUAL_CHANNEL
        return max((name for name in shown if name.startswith(f"{chosen}/")), key=lambda name: int(name.split("/")[1]))

    def of_days(self, builds: Mapping[str, int], submissions: Mapping[str, int]) -> dict[str, Outside]:
        """What is outside, by kind of date, if anything. Pings by day ``YYYYMMDD``."""
        built, sent = _ordinals(builds), _ordinals(submissions)
        found = {}
        if sent:
            first, last = self._span(sent, self.days)
            found[BY_SUBMISSION] = _outside_days(sent, first, last)
        if built:
            first, newest = self._span(built, self.days)
            latest = newest if not sent else self._not_ahead(built, newest, last + DAYS_AHEAD)
            found[BY_BUILD] = _outside_days(built, first, latest)
        return {by: outside for by, outside in sorted(found.items()) if outside["number"]}

    def _not_ahead(self, built: Mapping[int, int], newest: int, limit: int) -> int:
        """The last plausible build, if only few are after ``limit``."""
        ahead = sum(count for day, count in built.items() if day > limit)
        earlier = [day for day in built if day <= limit]
        return min(newest, max(earlier)) if earlier and self.few(ahead, sum(built.values())) else newest

    def _span(self, pings: Mapping[int, int], gap: int) -> tuple[int, int]:
        """The first and the last plausible position of at least one."""
        positions = sorted(pings)
        total, middle, so_far = sum(pings.values()), positions[0], 0
        for position in positions:
            so_far += pings[position]
            if 2 * so_far >= total:
                middle = position
                break
        first = self._end(pings, [position for position in reversed(positions) if position <= middle], gap, total)
        return first, self._end(pings, [position for position in positions if position >= middle], gap, total)

    def _end(self, pings: Mapping[int, int], outwards: Iterable[int], gap: int, total: int) -> int:
        """The last position before a gap with few pings beyond it. ``outwards`` starts at the median."""
        positions = list(outwards)
        beyond = sum(pings[position] for position in positions)
        end = positions[0]
        for position in positions:
            if abs(position - end) > gap and self.few(beyond, total):
                break
            beyond -= pings[position]
            end = position
        return end


ANY_BUILD = ("", "99999999")

USUAL = Plausibility()
"""The default thresholds, also of the settings."""


def _ordinals(days: Mapping[str, int]) -> dict[int, int]:
    return {parse_day(day).toordinal(): count for day, count in days.items() if count > 0}


def _outside_days(days: Mapping[int, int], first: int, last: int) -> Outside:
    beyond = {day: count for day, count in days.items() if not first <= day <= last}
    return _outside(_day(first), _day(last), beyond)


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat().replace("-", "")  # %Y has no leading zeros everywhere


def _outside(first: str, last: str, beyond: Mapping[int, int]) -> Outside:
    return {"first": first, "last": last, "number": len(beyond), "pings": sum(beyond.values())}


def plausible_builds(builds: Iterable[str], outside: Outside | None) -> tuple[str, str]:
    """The days, both excluded, between which builds are plausible: the nearest implausible ones.

    Unlike the first and last plausible day, these stay the same as new builds arrive.
    """
    if outside is None:
        return ANY_BUILD
    before = max((day for day in builds if day < str(outside["first"])), default=ANY_BUILD[0])
    return before, min((day for day in builds if day > str(outside["last"])), default=ANY_BUILD[1])


def is_plausible(version: str, channels: Mapping[str, Outside]) -> bool:
    """Whether a ``channel/version`` is within the result of ``of_versions``."""
    channel, _, number = version.partition("/")
    outside = channels.get(channel)
    return outside is None or not number.isdigit() or int(number) <= int(outside["last"])
