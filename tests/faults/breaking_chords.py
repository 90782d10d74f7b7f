"""The application with chord headers that break, for F18: ``celery -A tests.faults.breaking_chords worker``.

``FAULT_HEADERS`` ``killed`` ends the process after a header's success was stored and before the chord counts it;
``raised`` raises in the header after its work. ``FAULT_TIMES`` times in all, each noted by a file in
``FAULT_MARKS``.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from celery.backends.redis import RedisBackend

from telemetry_tasks.app import app
from telemetry_tasks.pipeline.state import merge

__all__ = ["app"]

_how = os.environ["FAULT_HEADERS"]
_count_part: Callable[..., Any] = RedisBackend.on_chord_part_return
_merge_slice: Callable[..., str] = merge.merge_slice


def _strikes() -> bool:
    """Whether it is time again; every one of the few times is taken by one process."""
    for number in range(int(os.environ["FAULT_TIMES"])):
        try:
            os.close(os.open(f"{os.environ['FAULT_MARKS']}/{number}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        return True
    return False


def _dying(self: RedisBackend, request: Any, *arguments: Any, **named: Any) -> Any:
    if _strikes():
        os.kill(os.getpid(), signal.SIGKILL)
    return _count_part(self, request, *arguments, **named)


def _raising(*arguments: Any) -> str:
    key = _merge_slice(*arguments)
    if _strikes():
        raise RuntimeError("a header that raises")
    return key


if _how == "killed":
    RedisBackend.on_chord_part_return = _dying
else:
    merge.merge_slice = _raising
