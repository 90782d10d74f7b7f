"""Keys of ping files: ``REASON/APPLICATION/CHANNEL/VERSION/BUILDID.SUBMISSIONDATE.<anything>[.lzma|…]``."""

import re
from dataclasses import dataclass

from telemetry_tasks.core.limits import parse_day
from telemetry_tasks.errors import DataError

_SAFE = re.compile(r"[A-Za-z0-9_.\-]+\Z", re.ASCII)
_LONGEST = 100
"""Characters of a channel or a major version: keys of published files contain both, a measure's name and a prefix."""

LATEST_SUBMISSION_DAYS = 60
"""A ping submitted later than this after its build does not count by submission date."""


@dataclass(frozen=True, slots=True)
class PingKey:
    """What the key of a ping file says about every ping in it."""

    reason: str
    application: str
    channel: str
    version: str
    build_id: str
    submission_date: str

    @property
    def channel_version(self) -> str:
        """``nightly/28``: what everything is grouped by."""
        return f"{self.channel}/{self.version.split('.', 1)[0]}"

    @property
    def build_date(self) -> str:
        """``YYYYMMDD``."""
        return self.build_id[:8]

    @property
    def late(self) -> bool:
        """Whether the submission came too late to count by submission date."""
        age = parse_day(self.submission_date) - parse_day(self.build_date)
        return age.days > LATEST_SUBMISSION_DAYS


def parse_key(key: str) -> PingKey:
    """Parses a key. Raises ``DataError`` ``bad-key`` with what is wrong."""
    parts = key.split("/", 4)
    if key.startswith("/"):
        raise DataError("bad-key", f"{key!r} begins with a slash: its first part is empty")
    if "" in parts[:4]:
        raise DataError("bad-key", f"{key!r} has two slashes together: part {parts.index('') + 1} is empty")
    if len(parts) != 5:
        raise DataError("bad-key", f"{key!r} has {len(parts)} parts, not REASON/APPLICATION/CHANNEL/VERSION/FILE")
    reason, application, channel, version, name = parts
    fields = name.split(".")
    if len(fields) < 2:
        raise DataError("bad-key", f"{name!r} is not BUILDID.SUBMISSIONDATE.…")
    build_id, submission_date = fields[:2]
    for what, text in (("build date", build_id[:8]), ("submission date", submission_date)):
        try:
            parse_day(text)
        except ValueError as error:
            raise DataError("bad-key", f"{what}: {error}") from error
    parsed = PingKey(reason, application, channel, version, build_id, submission_date)
    check_channel_version(parsed.channel_version)
    return parsed


def check_channel_version(name: str) -> None:
    """Raises ``DataError`` ``bad-key`` if a part of ``CHANNEL/VERSION`` cannot be in a published path."""
    for part in name.split("/"):
        if not _SAFE.match(part) or set(part) == {"."} or len(part) > _LONGEST:
            raise DataError("bad-key", f"{part!r:.120} is not a channel or major version")


def ping_file_day(key: str) -> str:
    """The submission date in a ping file's key, ``unknown`` if it has none."""
    try:
        return parse_key(key).submission_date
    except DataError:
        return "unknown"
