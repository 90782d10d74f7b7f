"""The contract of the state of one deployment: its current epoch, and its channel/versions.

``redis.state`` implements it. Errors: ``InfrastructureError`` (retry), ``OperatorError``, ``DataError`` ``bad-state``.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Posted


class Counters(Protocol):
    """Numbers by field that every process adds to, for metrics. Losing them is harmless."""

    def add(self, amounts: Mapping[str, float]) -> None:
        """Adds to several fields. If the state is unavailable, the numbers are lost, but not the work."""
        ...

    def read(self) -> dict[str, float]:
        """All fields."""
        ...


class Board(Protocol):
    """Small values by name that processes publish for readers; the oldest are dropped if there are too many.

    Losing them is harmless.
    """

    def write(self, field: str, value: bytes) -> None:
        """Writes the value of this name."""
        ...

    def drop(self, field: str) -> None:
        """Removes a value, if it exists."""
        ...

    def value(self, field: str) -> bytes | None:
        """One value."""
        ...

    def read(self) -> dict[str, Posted]:
        """All, by name."""
        ...


class Lock(Protocol):
    """A lock that avoids duplicate work, and expires. Correctness never depends on it."""

    def acquire(self) -> bool:
        """Takes the lock; False if another process has it."""
        ...

    def reacquire(self) -> None:
        """Restarts its time, unless the lock is lost."""
        ...

    def release(self) -> None:
        """Releases it, unless it is lost."""
        ...


class State(Protocol):
    """See the module's docstring."""

    url: str

    @property
    def counters(self) -> Counters:
        """Numbers for metrics."""
        ...

    def epoch(self) -> str | None:
        """The current epoch; None if the Redis is empty (new, or flushed) and must be restored first."""
        ...

    def next_epoch(self) -> str:
        """A unique name for a new epoch that sorts after all earlier ones, by Redis's clock."""
        ...

    def latest_begun(self) -> str:
        """The latest epoch that any of the channel/versions has begun; "" if there is none."""
        ...

    def begin_epoch(self, epoch: str) -> bool:
        """Makes ``epoch`` the current one. False if there is one already, or a later one is being restored."""
        ...

    def begin_restore(self, epoch: str) -> bool:
        """Removes the current epoch until ``epoch`` is restored. False if that restore, or a later one, began before.

        Ends older restores that are still running.
        """
        ...

    def finish_restore(self, epoch: str) -> bool:
        """Makes ``epoch`` the current one. False if a later restore began, or the state was lost, meanwhile."""
        ...

    def channel_versions(self) -> list[str]:
        """All channel/versions, sorted."""
        ...

    def channel_version(self, name: str, epoch: str) -> ChannelState:
        """The state of one channel/version, as seen by a process in ``epoch``."""
        ...

    def add_channel_version(self, name: str) -> None:
        """Adds a channel/version to the list."""
        ...

    def lock(self, name: str, seconds: float) -> Lock:
        """A lock by name and duration, not taken yet."""
        ...

    def board(self, name: str, most: int) -> Board:
        """A board by name and capacity."""
        ...

    def note(self, name: str) -> bytes | None:
        """A small value by name, which can be lost."""
        ...

    def set_note(self, name: str, value: bytes, seconds: float | None = None) -> None:
        """Stores a note, for ``seconds`` if given."""
        ...

    def drop_note(self, name: str) -> None:
        """Removes a note."""
        ...

    def memory(self) -> dict[str, Any]:
        """Redis's memory figures."""
        ...
