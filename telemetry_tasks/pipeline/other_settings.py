"""Settings that were changed after a channel/version was added up: what says so, and what to do.

Rows that mean different things are never added up, so a state that was built with other dimensions, another ping
format or another fallback revision is left alone until it is reprocessed.
"""

from shlex import quote

from telemetry_tasks.core.limits import SETTINGS as LIMITS
from telemetry_tasks.core.reading import differences, told_differences
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

REASON = "other-settings"


class OtherSettings(OperatorError):
    """What a channel/version holds was read with settings that this process does not have."""

    reason = REASON


def other_settings(services: Services, state: ChannelState) -> str | None:
    """Which settings changed since the channel/version was added up; None if none that changes what rows mean."""
    reading = state.built_with().reading
    return None if reading in ("", services.reading) else told_differences(reading, services.reading)


def other_limits(services: Services, state: ChannelState) -> str | None:
    """Which limits some of what counts was read with instead of those of this process; None if all are the same."""
    ours = services.limits.fingerprint
    changed = {
        f"{LIMITS[name]} was {then} and is {now}"
        for other in state.built_with().limits
        for name, then, now in differences(other, ours)
        if name in LIMITS
    }
    return "; ".join(sorted(changed)) or None


def ensure_same_settings(services: Services, state: ChannelState) -> None:
    """Raises ``OtherSettings`` if the channel/version was added up with other settings than those of this process."""
    what = other_settings(services, state)
    if what is not None:
        raise OtherSettings(f"{REASON}: {state.name} {sentence(state.name, what)}")


def sentence(name: str, what: str) -> str:
    """What is wrong with a channel/version of which ``other_settings`` says ``what``, and what to do."""
    return f"was added up before settings changed: {what}; {remedy(name)}"


def remedy(name: str) -> str:
    """What to do for a channel/version that was added up with other settings."""
    return f"run {command_for(name)}, or set them back"


def command_for(name: str) -> str:
    """The command that reprocesses a channel/version."""
    channel, _, version = name.partition("/")
    return f"telemetry-tasks reprocess --channel {quote(channel)} --version {quote(version)}"
