"""One line an event: what repeats within a while is counted, and the next line of its kind says how often.

Only warnings and errors, and only those that say the same: an outage is one event, however often it is met.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from structlog.typing import EventDict, WrappedLogger

WHILE = 30.0
"""Seconds in which a line is said once."""

MOST_KINDS = 1000
"""Kinds of lines that are remembered; the oldest is forgotten first."""

REPEATED = "repeated"


@dataclass(slots=True)
class _Kind:
    said: float
    left_out: int = 0


class OnceInAWhile(logging.Filter):
    """Lets the first record of a kind through, then one each ``WHILE``; it has ``repeated``: how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[Hashable, _Kind] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be said."""
        kind = kind_of(record)
        if kind is None:
            return True
        now = self._clock()
        with self._lock:
            known = self._kinds.get(kind)
            if known is not None and now - known.said < WHILE:
                known.left_out += 1
                return False
            self._kinds.pop(kind, None)
            self._kinds[kind] = _Kind(now)
            if len(self._kinds) > MOST_KINDS:
                del self._kinds[next(iter(self._kinds))]
        if known is not None and known.left_out:
            record.repeated = known.left_out
        return True


def kind_of(record: logging.LogRecord) -> Hashable | None:
    """The key that repeated records have in common; None for a record that is always logged.

    The product's own lines are the same if they have the same reason; those of libraries if they have the same
    template, error and task.
    """
    if record.levelno < logging.WARNING:
        return None
    if isinstance(record.msg, dict):
        event = record.msg
        return (record.name, event.get("event"), event["reason"]) if "reason" in event else None
    task = record.args.get("name") if isinstance(record.args, dict) else None
    return (record.name, record.levelno, str(record.msg), task, _error_of(record))


def _error_of(record: logging.LogRecord) -> str:
    """The error that the record tells of: by its type, and by its text if that is short."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None and isinstance(record.args, dict):
        error = record.args.get("exc")
    elif error is None and isinstance(record.args, tuple):
        error = next((each for each in record.args if isinstance(each, BaseException)), None)
    return f"{type(error).__name__}: {str(error)[:200]}"


def add_repetitions(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts how often a line was left out into the line."""
    record = event.get("_record")
    if record is not None and hasattr(record, REPEATED):
        event[REPEATED] = record.repeated
    return event
