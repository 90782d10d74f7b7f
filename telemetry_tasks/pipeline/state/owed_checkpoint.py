"""The checkpoint that is owed after a switch: until one that contains the switch is listed.

Without it a Redis that is lost would bring back what the switch took out. Each switch writes a new random token into
one note, a checkpoint the token that it found when it began into another: one is owed while they differ. Neither note
is removed, so a switch during a checkpoint cannot be mistaken for one that the checkpoint contains.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.services import Services

_OWED, _CONTAINED = "checkpoint owed", "checkpoint contains"
_AT_WORK = "checkpoint at work"


def owe_checkpoint(services: Services) -> None:
    """Called after the commit of a switch, and before its job ends: a switch that is repeated owes it again."""
    services.state.set_note(_OWED, uuid4().hex.encode())


def owed_now(services: Services) -> bytes | None:
    """What a checkpoint that begins now will contain, for ``note_contained``; None if nothing was ever owed."""
    return services.state.note(_OWED)


def note_contained(services: Services, owed: bytes | None) -> None:
    """A checkpoint is listed that began when ``owed`` was owed."""
    if owed is not None:
        services.state.set_note(_CONTAINED, owed)


def must_request_checkpoint(services: Services) -> bool:
    """Whether the caller has to request a checkpoint: one is owed, none was requested, and nobody writes one.

    One serves all switches before it begins. One that did not come within ``merge_lease`` is requested again.
    """
    owed = owed_now(services)
    if owed is None or owed == services.state.note(_CONTAINED) or services.state.note(_AT_WORK) is not None:
        return False
    _note_at_work(services)
    return True


@contextmanager
def writing_checkpoint(services: Services) -> Iterator[None]:
    """No other is requested until the block ends, or until ``merge_lease`` after its process was lost."""
    _note_at_work(services)
    with renewing(lambda: _note_at_work(services), services.options.merge_lease):
        yield


def no_checkpoint_at_work(services: Services) -> None:
    """Another may be requested at once."""
    services.state.drop_note(_AT_WORK)


def _note_at_work(services: Services) -> None:
    services.state.set_note(_AT_WORK, b"", services.options.merge_lease)
