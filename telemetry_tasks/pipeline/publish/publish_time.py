"""How long one channel/version may keep a publish waiting, and when one that took longer has its next turn.

Readers see all or nothing of a channel/version, so what is not written in time is left out of that snapshot, and the
others are shown. It is tried again with twice the time, after a pause of several times what it took: so it takes a
small part of all publishing, however large it is.
"""

import structlog

from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.services import Services

log = structlog.get_logger()

PAUSE = 3.0
"""Seconds of pause for each second that a channel/version took in vain."""

REMEMBERED = 86400.0
"""Seconds for which it is known that a channel/version needs more time."""


def time_for(services: Services, name: str) -> Deadline:
    """The time that a channel/version has in a task: doubled if the last was too short."""
    options = services.options
    taken = seconds_too_few(services, name)
    return Deadline(options.publish_seconds if taken is None else min(2 * taken, options.most_publish_seconds))


def seconds_too_few(services: Services, name: str) -> float | None:
    """The time limit in seconds that the last publish of the channel/version exceeded; None if it did not."""
    note = services.state.note(_slow(name))
    return None if note is None else float(note)


def note_too_slow(services: Services, name: str, deadline: Deadline) -> None:
    """Remembers it, and begins the pause."""
    services.state.set_note(_slow(name), repr(deadline.seconds).encode(), REMEMBERED)
    services.state.set_note(_pause(name), b"", max(0.001, PAUSE * deadline.seconds))
    log.warning("not published in time: the others are", channel_version=name, seconds=deadline.seconds)


def note_written(services: Services, name: str) -> None:
    """It was written in time."""
    services.state.drop_note(_slow(name))


def has_turn(services: Services, name: str) -> bool:
    """Whether no pause of the channel/version is under way."""
    return services.state.note(_pause(name)) is None


def _slow(name: str) -> str:
    return f"publish-slow:{name}"


def _pause(name: str) -> str:
    return f"publish-pause:{name}"
