"""The note of what tasks met lately, as bytes."""

from dataclasses import dataclass

import msgpack

from telemetry_tasks.errors import DataError


@dataclass(frozen=True, slots=True)
class Trouble:
    """Tasks could not do their work: ``times``, ``since`` the first and until the ``last`` one, seconds since 1970.

    ``task`` and ``reason`` are of the last one.
    """

    since: float
    last: float
    times: int
    task: str
    reason: str


def encode(trouble: Trouble) -> bytes:
    """The note as bytes."""
    return msgpack.packb([trouble.since, trouble.last, trouble.times, trouble.task, trouble.reason])


def decode(data: bytes) -> Trouble:
    """The note back. Raises ``DataError`` ``bad-note``."""
    try:
        since, last, times, task, reason = msgpack.unpackb(data)
        return Trouble(float(since), float(last), int(times), str(task), str(reason))
    except (msgpack.UnpackException, ValueError, TypeError) as error:
        raise DataError("bad-note", str(error)) from error
