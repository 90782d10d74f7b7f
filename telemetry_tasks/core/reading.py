"""The settings that decide what a row of cells means, as one text.

It is part of the id of a partition, of its result and of the state of a channel/version: numbers read with
different settings are never added up.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

SETTINGS = {
    "dimensions": "TELEMETRY_DIMENSIONS",
    "fallback_revision": "TELEMETRY_FALLBACK_REVISION",
    "ping_format": "TELEMETRY_PING_FORMAT",
    "ping_format_version": "the version of the ping format's code",
}
"""The setting of each value."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How pings become rows. ``dimensions`` are as in the settings, ``NAME=info.FIELD`` included."""

    ping_format: str
    ping_format_version: int
    dimensions: tuple[str, ...]
    fallback_revision: str

    @property
    def fingerprint(self) -> str:
        """Lines of ``name=value``, see ``fingerprint``."""
        return fingerprint(asdict(self))


def fingerprint(values: Mapping[str, object]) -> str:
    """One line ``name=value`` each, sorted by name; the values as JSON."""
    return "\n".join(f"{name}={json.dumps(value)}" for name, value in sorted(values.items()))


def differences(then: str, now: str) -> list[tuple[str, str, str]]:
    """(name, old value, new value) of each difference between two fingerprints; "unset" for a missing value."""
    old, new = _values(then), _values(now)
    return [
        (name, old.get(name, "unset"), new.get(name, "unset"))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def told_differences(then: str, now: str) -> str:
    """What differs, in words: ``TELEMETRY_DIMENSIONS was ["OS"] and is ["arch"]``."""
    return "; ".join(f"{SETTINGS.get(name, name)} was {old} and is {new}" for name, old, new in differences(then, now))


def _values(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, _, value in pairs}
