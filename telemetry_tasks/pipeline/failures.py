"""Work that tasks could not do: on a board of the state until the same work succeeds, so that ``status`` can say.

Writers do not wait for each other: one that is lost makes the count smaller, and the next says the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import recent_failure as failure_format
from telemetry_tasks.formats.recent_failure import EXCEPTION, FAILED, GIVEN_BACK, TIME_LIMIT, RecentFailure
from telemetry_tasks.pipeline.findings import Finding, count
from telemetry_tasks.storage.state import Board, State

BOARD, MOST = "failures", 200
FORGOTTEN_AFTER = 2 * 86400.0
"""Seconds after which a failure that did not come again is over: periodic tasks are tried again within that time."""
WORK_FORGOTTEN_AFTER = 900.0
"""The same for one partition, batch or job: it is tried again within minutes, or in another shape (split)."""
PERSISTENT_AFTER = 60.0
"""Seconds after which a service that is away needs a person: what is shorter passes by itself."""

REMEDIES = {
    GIVEN_BACK: "it is tried again by itself; telemetry-tasks doctor tries each service",
    FAILED: "fix what the reason names; it is tried again by itself",
    TIME_LIMIT: "raise TELEMETRY_SOFT_TIME_LIMIT and TELEMETRY_TIME_LIMIT, or lower TELEMETRY_PARTITION_BYTES",
    EXCEPTION: "the log of the worker has the traceback: report it, or go back to the version before",
}


def board(state: State) -> Board:
    """Where they are noted."""
    return state.board(BOARD, MOST)


def note_failure(on: Board, failure: RecentFailure) -> None:
    """Remembers that a task could not do its work, as often as it happens."""
    field = _field(failure.task, failure.where, failure.work)
    if (before := decoded(on.value(field))) is not None:
        since, times = min(before.since, failure.since), before.times + failure.times
        failure = replace(failure, since=since, times=times)
    on.write(field, failure_format.encode(failure))


def note_success(on: Board, task: str, where: str = "", work: str = "") -> None:
    """Ends the failure with this work; a task that has neither ends all that it met."""
    on.drop(_field(task, where, work))
    if where or work:
        return
    for field in on.read():
        if field.startswith(f"{task} "):
            on.drop(field)


def load_failures(state: State) -> tuple[RecentFailure, ...]:
    """What is not over, the oldest first."""
    found = []
    for posted in board(state).read().values():
        failure = decoded(posted.value)
        if failure is not None and posted.age <= (WORK_FORGOTTEN_AFTER if failure.work else FORGOTTEN_AFTER):
            found.append(failure)
    return tuple(sorted(found, key=lambda each: (each.since, each.task, each.where, each.work)))


def together(failures: Iterable[RecentFailure]) -> list[RecentFailure]:
    """One for each task, channel/version and kind, with the last reason."""
    groups: dict[tuple[str, str, str], RecentFailure] = {}
    for each in failures:
        key = (each.task, each.where, each.kind)
        before = groups.get(key)
        if before is not None:
            latest = max(before, each, key=lambda failure: failure.last)
            since, times = min(before.since, each.since), before.times + each.times
            each = replace(latest, since=since, times=times)
        groups[key] = each
    return list(groups.values())


def findings_of_tasks(failures: Iterable[RecentFailure]) -> Iterator[Finding]:
    """What needs a person."""
    for each in together(failures):
        if not is_persistent(each):
            continue
        yield Finding(
            f"task-{each.kind}",
            f"{told(each)}, {count(each.times, 'time')}",
            REMEDIES[each.kind],
            f"{each.task} {each.where}".strip(),
            each.since,
            f"{each.since:.0f}",
        )


def is_persistent(failure: RecentFailure) -> bool:
    """Whether it needs a person: a service that was away for a moment does not."""
    return failure.kind != GIVEN_BACK or failure.last - failure.since >= PERSISTENT_AFTER


def told(failure: RecentFailure) -> str:
    """Which task met what."""
    where = f" ({failure.where})" if failure.where else ""
    return f"{failure.task}{where}: {failure.reason}"


def _field(task: str, where: str, work: str) -> str:
    return f"{task} {where} {work}".strip()


def decoded(note: bytes | None) -> RecentFailure | None:
    """The failure of a note; None if there is none, or another version of this program wrote it."""
    try:
        return None if note is None else failure_format.decode(note)
    except DataError:
        return None
