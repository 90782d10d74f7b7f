"""What an index says that a channel/version was rendered from: the base, the limits, and what is plausible."""

from telemetry_tasks.formats.snapshot import VersionRef
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base


def shown_base(services: Services, base: Base) -> str:
    """``VersionRef.base``: with other limits than the usual ones their mark is in it, so that a change is published.

    The thresholds of what is plausible are limits, too.
    """
    options = services.options
    mark = "+".join(filter(None, (options.publish_limits.mark, options.plausibility.mark)))
    return f"{base.version or ''}{mark and f'+{mark}'}"


def shows(ref: VersionRef, services: Services, state: ChannelState, base: Base) -> bool:
    """Whether readers see this base, under the limits of this process."""
    return (ref.epoch, ref.base) == (state.epoch, shown_base(services, base))
