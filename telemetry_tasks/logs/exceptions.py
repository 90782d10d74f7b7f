"""Exceptions in log lines: without local variables, and short. The first and the last lines say most."""

import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import cast

from structlog.typing import EventDict, WrappedLogger

MOST_LINES = 40
FIRST_LINES = 8
MOST_CHARACTERS = 400
"""Of one line: an exception may quote what it was given."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def exception_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turns ``exc_info`` into the text ``exception``."""
    info = _info(event.pop("exc_info", None))
    if info is not None:
        event["exception"] = "".join(traceback.format_exception(*info))
    return event


def short_texts(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Shortens ``exception``, and an event that has a traceback in its text, as Celery's have."""
    if "exception" in event:
        event["exception"] = shortened(event["exception"])
    text = event.get("event")
    if isinstance(text, str) and len(text) > MOST_CHARACTERS:
        event["event"] = shortened(text)
    return event


def shortened(text: str) -> str:
    """At most ``MOST_LINES`` lines of the text, each of at most ``MOST_CHARACTERS``."""
    lines = [_cut(line) for line in text.rstrip("\n").splitlines()]
    if len(lines) > MOST_LINES:
        last = MOST_LINES - FIRST_LINES - 1
        left_out = len(lines) - FIRST_LINES - last
        lines = [*lines[:FIRST_LINES], f"  … {left_out} lines are left out …", *lines[-last:]]
    return "\n".join(lines)


def _cut(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}…"


def _info(given: object) -> ExcInfo | None:
    """What ``exc_info`` stands for: an exception, three values, or True for the one that is handled now."""
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    found: Sequence[object] = given if isinstance(given, tuple) else sys.exc_info() if given else ()
    return cast(ExcInfo, tuple(found)) if len(found) == 3 and found[1] is not None else None
