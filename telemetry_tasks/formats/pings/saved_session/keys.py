"""Keys of files of saved-session pings, see ``KEY_PATTERN``. A compression may be named last, as in ``.lzma``."""

from dataclasses import dataclass

from telemetry_tasks.core.limits import parse_day
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.contract import FileKey
from telemetry_tasks.formats.pings.names import checked_channel_version

KEY_PATTERN = "REASON/APPLICATION/CHANNEL/VERSION/BUILDID.SUBMISSIONDATE.…"

LATEST_SUBMISSION_DAYS = 60
"""A ping submitted later than this after its build does not count by submission date."""


@dataclass(frozen=True, slots=True)
class PingKey(FileKey):
    """What the key of a ping file says about every ping in it. ``build_date`` is the beginning of ``build_id``."""

    reason: str
    application: str
    build_id: str

    @property
    def submission_date(self) -> str:
        """The day; empty if the submission came too late to count by submission date."""
        age = parse_day(self.day) - parse_day(self.build_date)
        return "" if age.days > LATEST_SUBMISSION_DAYS else self.day


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
    build_id, day = fields[:2]
    for what, text in (("build date", build_id[:8]), ("submission date", day)):
        try:
            parse_day(text)
        except ValueError as error:
            raise DataError("bad-key", f"{what}: {error}") from error
    channel_version = checked_channel_version(f"{channel}/{version.split('.', 1)[0]}")
    return PingKey(channel_version, day, build_id[:8], reason, application, build_id)
