"""Checks a task's message: the headers and the body of Celery's protocol 2, with plain values.

Celery does not check them. It fails later on an invalid one: when it sends the task to a child, sets its
time limit, or writes its result.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from telemetry_tasks.errors import DataError

REASON = "malformed"
MOST_DEPTH = 50
MOST_SECONDS = 1e6
"""The most seconds of a time limit."""

MOST_CHARACTERS = 2000
"""The most characters of a header: ids, names, times, arguments as text, which Celery cuts at a little over 1024."""

LONGEST_WAIT = timedelta(days=1)
"""How far ahead a task may be scheduled. This program schedules retries, minutes ahead; a worker holds such a message
until it is due, and Redis gives it out again after each visibility timeout.
"""

_TEXT, _TEXT_OR_NONE = (str,), (str, type(None))
HEADERS: Mapping[str, tuple[type, ...]] = {
    "task": _TEXT,
    "id": _TEXT,
    **dict.fromkeys(("lang", "argsrepr", "kwargsrepr", "origin"), _TEXT),
    **dict.fromkeys(("root_id", "parent_id", "group", "shadow", "eta", "expires"), _TEXT_OR_NONE),
    "group_index": (int, type(None)),
    "retries": (int, type(None)),
    "replaced_task_nesting": (int, type(None)),
    "ignore_result": (bool, type(None)),
    "timelimit": (list, type(None)),
    "stamped_headers": (list, type(None)),
    "stamps": (dict, type(None)),
}
"""The headers that Celery sends, with their types; ``task`` and ``id`` are required."""

EMBEDDED = {"callbacks", "errbacks", "chain", "chord"}
"""What Celery sends as the third part of a body. This program uses chords alone."""

PLAIN = (str, bytes, int, float, bool, type(None))


def task_headers(headers: Any, now: datetime) -> dict[str, Any]:
    """The headers that workers use; others, such as those of tracing, are dropped.

    ``now`` is the present time, with its zone. Raises ``DataError`` for headers that this program never sends.
    """
    if not isinstance(headers, dict):
        raise DataError(REASON, "its headers are not an object")
    for name in ("task", "id"):
        if not headers.get(name):
            raise DataError(REASON, f"it has no header {name}")
    known = {name: value for name, value in headers.items() if name in HEADERS}
    for name, value in known.items():
        if not isinstance(value, HEADERS[name]) or (isinstance(value, bool) and bool not in HEADERS[name]):
            raise DataError(REASON, f"its header {name} is a {type(value).__name__}")
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise DataError(REASON, f"its header {name} is too long")
        if isinstance(value, int) and not 0 <= value < 2**31:
            raise DataError(REASON, f"its header {name} is out of range")
    _check_time_limit(headers.get("timelimit") or [None, None])
    if headers.get("eta"):
        _check_due(headers["eta"], now)
    if headers.get("stamped_headers") or headers.get("stamps"):
        raise DataError(REASON, "it has stamps")
    return known


def _check_time_limit(limits: list[Any]) -> None:
    for seconds in limits:
        if seconds is not None and (type(seconds) not in (int, float) or not 0 < seconds < MOST_SECONDS):
            raise DataError(REASON, "its time limit is not a number of seconds")
    if len(limits) != 2:
        raise DataError(REASON, "its time limit is not a pair")


def _check_due(text: str, now: datetime) -> None:
    try:
        due = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(REASON, "its eta is not a time") from error
    if (due if due.tzinfo else due.replace(tzinfo=UTC)) - now > LONGEST_WAIT:
        raise DataError(REASON, f"its eta is more than {LONGEST_WAIT} ahead")


def check_body(body: Any) -> None:
    """Raises ``DataError`` for a decoded body that is not ``(arguments, names, embedded)`` of plain values."""
    if not isinstance(body, list | tuple) or len(body) != 3:
        raise DataError(REASON, "its body does not have three parts")
    _check_plain(body, MOST_DEPTH)
    _check_embedded(body[2])


def _check_embedded(embedded: Any) -> None:
    """What follows the task: nothing, or the body of a chord. Celery writes all of it over the message's headers."""
    if not isinstance(embedded, dict) or not EMBEDDED.issuperset(embedded):
        raise DataError(REASON, "the third part of its body is not of a task")
    if any(value for name, value in embedded.items() if name != "chord"):
        raise DataError(REASON, "other tasks follow it")
    chord = embedded.get("chord")
    if chord is not None and not (isinstance(chord, dict) and isinstance(chord.get("task"), str)):
        raise DataError(REASON, "its chord is not a task")


def _check_plain(value: Any, depth: int) -> None:
    if type(value) is dict:
        values = [*value, *value.values()]
    elif type(value) in (list, tuple):  # an extension type of msgpack is a tuple, too
        values = list(value)
    elif type(value) in PLAIN:
        return
    else:
        raise DataError(REASON, f"its body has a {type(value).__name__}")
    if not depth:
        raise DataError(REASON, "its body is nested too deep")
    for each in values:
        _check_plain(each, depth - 1)
