"""The contract of a message queue, as much of SQS as intake needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A received message; it comes again unless it is deleted. ``received`` counts how often it came."""

    body: str
    receipt: str
    received: int = 1


class MessageQueue(Protocol):
    """Errors: ``InfrastructureError`` (retry), ``OperatorError`` (no such queue, no permission)."""

    @property
    def url(self) -> str:
        """Where the queue is, for messages."""
        ...

    def receive(self, wait: float) -> list[Message]:
        """Some messages; waits up to ``wait`` seconds (20 at most) for the first."""
        ...

    def delete(self, messages: Sequence[Message]) -> None:
        """Ends messages that are dealt with."""
        ...

    def send(self, bodies: Sequence[str]) -> None:
        """Sends messages."""
        ...
