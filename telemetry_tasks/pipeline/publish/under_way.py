"""Whether a publish is under way, and which steps did not finish: the sweep starts those again.

The state holds a note for each step that beat starts seldom. Without it, a publish whose chord was lost, or a
checkpoint during an outage of the store, would wait for beat: an hour, or a week.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry_tasks.pipeline.leases import renewing
from telemetry_tasks.pipeline.services import Services

PUBLISH = "publish"
CHECKPOINT = "checkpoint"
_PUBLISHING = "publishing"


def note_begun(services: Services, snapshot: str) -> None:
    """A publish begins: others wait until its lease is over, or until it is ``no_longer_under_way``."""
    services.state.set_note(_PUBLISHING, snapshot.encode(), services.options.publish_lease)


def publishing(services: Services) -> str | None:
    """The stamp of a publish that is under way and not overdue: a reason to wait, no lock."""
    note = services.state.note(_PUBLISHING)
    return note.decode() if note else None


@contextmanager
def at_work(services: Services, snapshot: str) -> Iterator[None]:
    """Keeps other publishes from starting: the note that one is running is renewed until the block ends."""

    def renew() -> None:
        if publishing(services) in (None, snapshot):
            note_begun(services, snapshot)

    renew()
    with renewing(renew, services.options.publish_lease):
        yield


def no_longer_under_way(services: Services, snapshot: str) -> None:
    """Another publish may be begun at once."""
    if publishing(services) == snapshot:
        services.state.drop_note(_PUBLISHING)


def want_again(services: Services, step: str) -> None:
    """The step is to be started again, unless ``ended`` is called first."""
    services.state.set_note(_note(step), b"")


def ended(services: Services, step: str) -> None:
    """The step came to its end, or somebody starts it again now."""
    if _is_wanted(services, step):
        services.state.drop_note(_note(step))


def steps_to_start(services: Services) -> list[str]:
    """The steps that did not end and that nobody is at."""
    steps = [CHECKPOINT] if _is_wanted(services, CHECKPOINT) else []
    if _is_wanted(services, PUBLISH) and publishing(services) is None:
        steps.append(PUBLISH)
    return steps


def _is_wanted(services: Services, step: str) -> bool:
    return services.state.note(_note(step)) is not None


def _note(step: str) -> str:
    return f"again:{step}"
