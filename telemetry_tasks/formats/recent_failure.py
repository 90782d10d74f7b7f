"""The failure of a task, as bytes on a board of the state."""

from dataclasses import dataclass

import msgpack

from telemetry_tasks.errors import DataError

GIVEN_BACK = "given-back"
"""A service was unavailable: the work is retried automatically."""
FAILED = "failed"
"""Only a person can fix it."""
TIME_LIMIT = "time-limit"
"""It exceeded its time limit."""
EXCEPTION = "exception"
"""An unexpected exception: a bug."""
KINDS = (GIVEN_BACK, FAILED, TIME_LIMIT, EXCEPTION)


@dataclass(frozen=True, slots=True)
class RecentFailure:
    """A task failed this many ``times``, from ``since`` to ``last`` (seconds since 1970).

    ``where`` is the channel/version, ``work`` the id of the partition, batch or job; both empty if the task has none.
    ``kind`` (of ``KINDS``) and ``reason`` are those of the last failure.
    """

    task: str
    where: str
    work: str
    kind: str
    reason: str
    since: float
    last: float
    times: int = 1


def encode(failure: RecentFailure) -> bytes:
    """The failure as bytes."""
    t = failure
    return bytes(msgpack.packb([t.task, t.where, t.work, t.kind, t.reason, t.since, t.last, t.times]))


def decode(data: bytes) -> RecentFailure:
    """Decodes a failure. Raises ``DataError`` ``bad-note``."""
    try:
        task, where, work, kind, reason, since, last, times = msgpack.unpackb(data)
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}")
        return RecentFailure(str(task), str(where), str(work), kind, str(reason), float(since), float(last), int(times))
    except (msgpack.UnpackException, ValueError, TypeError) as error:
        raise DataError("bad-note", str(error)) from error
