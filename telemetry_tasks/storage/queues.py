"""The contract of a message queue: the part of SQS that intake needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A received message; it is delivered again unless it is deleted. ``received`` counts its deliveries."""

    body: str
    receipt: str
    received: int = 1


class MessageQueue(Protocol):
    """Errors: ``InfrastructureError`` (retry), ``OperatorError`` (no such queue, no permission)."""

    @property
    def url(self) -> str:
        """The location of the queue, for messages."""
        ...

    def receive(self, wait: float) -> list[Message]:
        """Receives some messages; waits up to ``wait`` seconds (20 at most) for the first."""
        ...

    def delete(self, messages: Sequence[Message]) -> None:
        """Deletes processed messages."""
        ...

    def send(self, bodies: Sequence[str]) -> None:
        """Sends messages."""
        ...
