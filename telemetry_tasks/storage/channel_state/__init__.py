"""The contract of the state of one channel/version, composed of its four parts."""

from typing import Protocol

from telemetry_tasks.storage.channel_state.intake import Intake
from telemetry_tasks.storage.channel_state.jobs import Jobs
from telemetry_tasks.storage.channel_state.ledger import Ledger
from telemetry_tasks.storage.channel_state.sums import Sums
from telemetry_tasks.storage.state_values import Counts


class ChannelState(Intake, Ledger, Sums, Jobs, Protocol):
    """As seen by a process in ``epoch``. The epoch fences every write to the sums and the ledger: in another it fails.

    Clocks are the state's own, times are seconds. "In one step" means atomically. A request whose answer
    is lost may be sent again. Raises ``InfrastructureError`` if the state is unavailable.
    """

    name: str
    epoch: str

    def begin(self) -> None:
        """Starts this epoch for the channel/version and drops the data of an earlier one.

        A later epoch is not changed: all further writes of this process are then refused.
        """
        ...

    def is_of_this_epoch(self) -> bool:
        """Whether the channel/version has begun this epoch, and no later one."""
        ...

    def counts(self) -> Counts:
        """How many partitions are at each station."""
        ...
