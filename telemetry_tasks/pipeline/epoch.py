"""The epoch that a step acts in. A state without one is empty, and is restored before anything is written."""

from telemetry_tasks.errors import InfrastructureError, StaleEpoch
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState


class EmptyState(InfrastructureError):
    """The Redis holds no state: new, or flushed. ``discover`` restores it."""


def current_epoch(services: Services) -> str:
    """The epoch. Raises ``EmptyState`` if there is none yet."""
    epoch = services.state.epoch()
    if epoch is None:
        raise EmptyState("the state is empty: the next discover restores it from the newest checkpoint")
    return epoch


def ensure_epoch(services: Services, epoch: str, what: str) -> None:
    """Raises ``StaleEpoch`` if ``epoch`` is over: files registered in it may have been lost with the state."""
    if current_epoch(services) != epoch:
        raise StaleEpoch(f"the state was lost or restored while {what} were taken in")


def channel_state(services: Services, name: str) -> ChannelState:
    """A channel/version's state in the current epoch. Raises ``EmptyState``."""
    return services.state.channel_version(name, current_epoch(services))


def channel_states(services: Services) -> list[ChannelState]:
    """The states of all channel/versions that have begun the current epoch. Raises ``EmptyState``."""
    epoch = current_epoch(services)
    states = (services.state.channel_version(name, epoch) for name in services.state.channel_versions())
    return [state for state in states if state.is_of_this_epoch()]
