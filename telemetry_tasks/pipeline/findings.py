"""What needs a person: one list of findings, each with a code, what happened, and what to do.

To add one: a line in ``alerts.findings_of`` that yields a ``Finding`` for what ``Status`` holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is a slug that never changes, ``text`` says what happened, ``remedy`` what to do, each in one line.

    ``about`` is the channel/version, queue, task or file concerned; ``code`` and ``about`` together identify a finding
    and are unique. ``since`` is in seconds since 1970, if known. An acceptance ends when ``fingerprint`` changes: it
    stands for what a person has seen.
    """

    code: str
    text: str
    remedy: str
    about: str = ""
    since: float | None = None
    fingerprint: str = ""
    accepted: bool = False

    @property
    def name(self) -> str:
        """What ``status --accept`` takes, and what is remembered."""
        return f"{self.code}:{self.about}" if self.about else self.code

    def is_named(self, word: str) -> bool:
        """Whether a person means this one: by its code, by what it is about, or by its whole name."""
        return word in (self.code, self.about, self.name)

    def document(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "code": self.code,
            "about": self.about,
            "text": self.text,
            "remedy": self.remedy,
            "since": iso(self.since),
            "accepted": self.accepted,
        }


def with_acceptance(findings: Iterable[Finding], accepted: Mapping[str, str]) -> list[Finding]:
    """The findings, those marked that are in ``accepted`` (fingerprint by name)."""
    return [replace(finding, accepted=accepted.get(finding.name) == finding.fingerprint) for finding in findings]


def iso(moment: float | None) -> str | None:
    """``2013-10-29T12:00:00+00:00`` of seconds since 1970."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def count(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``: a number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
