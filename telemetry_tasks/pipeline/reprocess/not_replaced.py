"""Partitions that a job could not replace: they count with what they had, and are tried again seldom.

Their files were replaced in the bucket, so each discovery finds them changed. Without this memory each would start
the same job again.
"""

from collections.abc import Collection, Iterator, Mapping

from telemetry_tasks.formats.recent_failure import EXCEPTION, FAILED, RecentFailure
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.failures import decoded, note_failure, note_success
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.state import Board

BOARD, MOST = "not-replaced", 1000
TASK = "reprocess"
AGAIN = 900.0
"""Seconds after which a discovery tries such a partition again."""

KEPT_REASON = "all attempts to read its files failed"
RESULT_GONE = FAILED
"""Its old result, which has to be subtracted, is gone: only a job of the whole channel/version can do without it."""
NOT_COMPUTED = EXCEPTION
"""The new result could not be computed."""


def note_not_replaced(services: Services, name: str, kind: str, reasons: Mapping[str, str]) -> None:
    """Remembers partitions of a channel/version that count with their old result, each with the reason."""
    now = services.input.now().timestamp() if reasons else 0.0
    for partition, reason in reasons.items():
        note_failure(_board(services), RecentFailure(TASK, name, partition, kind, reason, now, now))


def forget_not_replaced(services: Services, name: str, partitions: Collection[str]) -> None:
    """These partitions were replaced, or need not be any more."""
    for partition in partitions:
        note_success(_board(services), TASK, name, partition)


def not_replaced(services: Services, name: str, younger: float = float("inf")) -> set[str]:
    """The partitions of the channel/version that could not be replaced the last time, ``younger`` seconds ago."""
    return {each.work for each, age in _all(services) if each.where == name and age < younger}


def still_not_replaced(services: Services) -> tuple[RecentFailure, ...]:
    """What still counts with its old result; ``where`` is the channel/version, ``work`` the partition."""
    found = [failure for failure, _ in _all(services)]
    counting = {
        (state.name, id)
        for state in (channel_states(services) if found else ())
        for id in state.merged([each.work for each in found if each.where == state.name])
    }
    return tuple(each for each in found if (each.where, each.work) in counting)


def _all(services: Services) -> Iterator[tuple[RecentFailure, float]]:
    for posted in _board(services).read().values():
        failure = decoded(posted.value)
        if failure is not None:
            yield failure, posted.age


def _board(services: Services) -> Board:
    return services.state.board(BOARD, MOST)
