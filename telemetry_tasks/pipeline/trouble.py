"""Work that could not be done because of a store, a key or a disk: remembered for a while, so that ``status`` can say.

Writers do not wait for each other: one that is lost makes the count smaller, and the next says the same.
"""

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import trouble as trouble_format
from telemetry_tasks.formats.trouble import Trouble
from telemetry_tasks.storage.state import State

NOTE = "trouble"
KEPT = 120.0
"""Seconds after which it is over when nothing more happens."""
LASTING = 60.0
"""Seconds after which it needs a person: what is shorter passes by itself."""


def note_trouble(state: State, task: str, reason: str, now: float) -> None:
    """Remembers that ``task`` could not do its work. ``now`` in seconds since 1970."""
    before = load_trouble(state)
    since, times = (before.since, before.times) if before else (now, 0)
    state.set_note(NOTE, trouble_format.encode(Trouble(min(since, now), now, times + 1, task, reason)), KEPT)


def load_trouble(state: State) -> Trouble | None:
    """What is the matter, None where nothing was within ``KEPT`` seconds."""
    note = state.note(NOTE)
    if note is None:
        return None
    try:
        return trouble_format.decode(note)
    except DataError:  # of another version of this program, for two minutes
        return None


def lasting(trouble: Trouble | None) -> str | None:
    """What to tell a person, None for what may pass by itself."""
    if trouble is None or trouble.last - trouble.since < LASTING:
        return None
    minutes = (trouble.last - trouble.since) / 60
    return (
        f"tasks could not do their work for {minutes:.0f} min, {trouble.times} times; {trouble.task}: {trouble.reason}"
    )
