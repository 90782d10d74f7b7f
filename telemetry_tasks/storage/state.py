"""The contract of the state of one deployment: which life it is in, and its channel/versions.

``redis_state`` fulfils it. Errors: ``InfrastructureError`` (retry), ``OperatorError``, ``DataError`` ``bad-state``.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Posted


class Sums(Protocol):
    """Numbers by field that every process adds to, for metrics. Losing them harms nobody."""

    def add(self, amounts: Mapping[str, float]) -> None:
        """Adds to several fields. A state that is away costs the numbers, not the work."""
        ...

    def read(self) -> dict[str, float]:
        """All fields."""
        ...


class Board(Protocol):
    """Small values by name that processes put up for whoever looks; the oldest go where there are too many.

    Losing them harms nobody.
    """

    def write(self, field: str, value: bytes) -> None:
        """Puts a value up, in the place of the one of this name."""
        ...

    def drop(self, field: str) -> None:
        """Takes a value down, where it is there."""
        ...

    def value(self, field: str) -> bytes | None:
        """One value."""
        ...

    def read(self) -> dict[str, Posted]:
        """All, by name."""
        ...


class Lock(Protocol):
    """A lock that saves doing things twice, and ends by itself. Safety never depends on it."""

    def acquire(self) -> bool:
        """Whether nobody else has it."""
        ...

    def reacquire(self) -> None:
        """Begins its time anew, where it is not lost."""
        ...

    def release(self) -> None:
        """Gives it back, where it is not lost."""
        ...


class State(Protocol):
    """See the module's docstring."""

    url: str

    @property
    def sums(self) -> Sums:
        """Numbers for metrics."""
        ...

    def epoch(self) -> str | None:
        """The current epoch; None where the Redis is empty (new, or flushed) and has to be restored first."""
        ...

    def next_epoch(self) -> str:
        """A name for a new epoch that no other has, and that sorts after all before it, by Redis's clock."""
        ...

    def latest_begun(self) -> str:
        """The latest epoch that any of the channel/versions has begun; "" where there is none."""
        ...

    def begin_epoch(self, epoch: str) -> bool:
        """Makes ``epoch`` the current one. False where there is one, or a later one is being restored."""
        ...

    def begin_restore(self, epoch: str) -> bool:
        """From here on there is no epoch until ``epoch`` is restored. False where that or a later one began before.

        Older restores that are under way are over.
        """
        ...

    def finish_restore(self, epoch: str) -> bool:
        """Makes ``epoch`` the current one. False where a later restore began, or the state was lost, meanwhile."""
        ...

    def channel_versions(self) -> list[str]:
        """All channel/versions, sorted."""
        ...

    def channel_version(self, name: str, epoch: str) -> ChannelState:
        """The state of one channel/version, as seen by a process that acts in ``epoch``."""
        ...

    def add_channel_version(self, name: str) -> None:
        """Lists a channel/version."""
        ...

    def lock(self, name: str, seconds: float) -> Lock:
        """A lock by name, for so long; nobody has it yet."""
        ...

    def board(self, name: str, most: int) -> Board:
        """A board by name, that holds so many values."""
        ...

    def note(self, name: str) -> bytes | None:
        """A small value by name, for what is worth knowing and can be lost."""
        ...

    def set_note(self, name: str, value: bytes, seconds: float | None = None) -> None:
        """Keeps a note, for ``seconds`` where given."""
        ...

    def drop_note(self, name: str) -> None:
        """Forgets a note."""
        ...

    def memory(self) -> dict[str, Any]:
        """What Redis says of its memory."""
        ...
