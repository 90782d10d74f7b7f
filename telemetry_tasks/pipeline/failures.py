"""Work that tasks could not do: on a board of the state until the same work succeeds, so that ``status`` can say.

Writers do not wait for each other: one that is lost makes the count smaller, and the next says the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import trouble as trouble_format
from telemetry_tasks.formats.trouble import EXCEPTION, FAILED, GIVEN_BACK, TIME_LIMIT, Trouble
from telemetry_tasks.pipeline.findings import Finding, count
from telemetry_tasks.storage.state import Board, State

BOARD, MOST = "troubles", 200
KEPT = 2 * 86400.0
"""Seconds after which trouble that did not come again is over: periodic tasks are tried again within that time."""
KEPT_WORK = 900.0
"""The same for one partition, batch or job: it is tried again within minutes, or in another shape (split)."""
LASTING = 60.0
"""Seconds after which a service that is away needs a person: what is shorter passes by itself."""

REMEDIES = {
    GIVEN_BACK: "it is tried again by itself; telemetry-tasks doctor tries each service",
    FAILED: "fix what the reason names; it is tried again by itself",
    TIME_LIMIT: "raise TELEMETRY_SOFT_TIME_LIMIT and TELEMETRY_TIME_LIMIT, or lower TELEMETRY_PARTITION_BYTES",
    EXCEPTION: "the log of the worker has the traceback: report it, or go back to the version before",
}


def board(state: State) -> Board:
    """Where troubles are."""
    return state.board(BOARD, MOST)


def note_trouble(on: Board, trouble: Trouble) -> None:
    """Remembers that a task could not do its work, as often as it happens."""
    field = _field(trouble.task, trouble.where, trouble.work)
    if (before := decoded(on.value(field))) is not None:
        since, times = min(before.since, trouble.since), before.times + trouble.times
        trouble = replace(trouble, since=since, times=times)
    on.write(field, trouble_format.encode(trouble))


def note_success(on: Board, task: str, where: str = "", work: str = "") -> None:
    """Ends the trouble with this work; a task that has neither ends all that it met."""
    on.drop(_field(task, where, work))
    if where or work:
        return
    for field in on.read():
        if field.startswith(f"{task} "):
            on.drop(field)


def load_troubles(state: State) -> tuple[Trouble, ...]:
    """What is not over, the oldest first."""
    found = []
    for posted in board(state).read().values():
        trouble = decoded(posted.value)
        if trouble is not None and posted.age <= (KEPT_WORK if trouble.work else KEPT):
            found.append(trouble)
    return tuple(sorted(found, key=lambda each: (each.since, each.task, each.where, each.work)))


def together(troubles: Iterable[Trouble]) -> list[Trouble]:
    """One for each task, channel/version and kind, with the last reason."""
    groups: dict[tuple[str, str, str], Trouble] = {}
    for each in troubles:
        key = (each.task, each.where, each.kind)
        before = groups.get(key)
        if before is not None:
            latest = max(before, each, key=lambda trouble: trouble.last)
            since, times = min(before.since, each.since), before.times + each.times
            each = replace(latest, since=since, times=times)
        groups[key] = each
    return list(groups.values())


def findings_of_tasks(troubles: Iterable[Trouble]) -> Iterator[Finding]:
    """What needs a person."""
    for each in together(troubles):
        if each.kind == GIVEN_BACK and each.last - each.since < LASTING:
            continue
        yield Finding(
            f"task-{each.kind}",
            f"{told(each)}, {count(each.times, 'time')}",
            REMEDIES[each.kind],
            f"{each.task} {each.where}".strip(),
            each.since,
            f"{each.since:.0f}",
        )


def told(trouble: Trouble) -> str:
    """Which task met what."""
    where = f" ({trouble.where})" if trouble.where else ""
    return f"{trouble.task}{where}: {trouble.reason}"


def _field(task: str, where: str, work: str) -> str:
    return f"{task} {where} {work}".strip()


def decoded(note: bytes | None) -> Trouble | None:
    """The trouble of a note; None if there is none, or another version of this program wrote it."""
    try:
        return None if note is None else trouble_format.decode(note)
    except DataError:
        return None
