"""What repeats is said once in a while, with how often; nothing else is left out."""

import logging
from typing import Any

from telemetry_tasks.logs.repetition import MOST_KINDS, WHILE, OnceInAWhile


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def record(msg: Any, *args: Any, level: int = logging.ERROR, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("kombu", level, __file__, 1, msg, args or None, None)
    vars(made).update(more)
    return made


def passes(limit: OnceInAWhile, *records: logging.LogRecord) -> list[bool]:
    return [bool(limit.filter(each)) for each in records]


def test_an_outage_is_one_line_and_then_one_each_while_with_its_number() -> None:
    clock = Clock()
    limit = OnceInAWhile(clock)
    lines = [record("no broker: %s, try %d", ConnectionError("refused"), number) for number in range(100)]
    assert sum(passes(limit, *lines)) == 1
    clock.now += WHILE
    again = record("no broker: %s, try %d", ConnectionError("refused"), 101)
    assert passes(limit, again) == [True]
    assert vars(again)["repeated"] == 99


def test_another_error_or_task_or_text_is_another_event() -> None:
    limit = OnceInAWhile(Clock())
    different = [
        record("no broker: %s", ConnectionError("refused")),
        record("no broker: %s", ConnectionError("reset")),
        record("no broker: %s", TimeoutError("refused")),
        record("other: %s", ConnectionError("refused")),
        record("failed", {"name": "publish", "exc": "x"}),
        record("failed", {"name": "discover", "exc": "x"}),
        record("failed", {"name": "discover", "exc": "y"}),
    ]
    assert passes(limit, *different) == [True] * len(different)


def test_lines_of_ours_repeat_if_event_and_reason_do() -> None:
    limit = OnceInAWhile(Clock())
    one = {"event": "given back", "reason": "Redis does not answer"}
    assert passes(limit, record({**one, "partition": "a"}), record({**one, "partition": "b"})) == [True, False]
    assert passes(limit, record({**one, "reason": "full"})) == [True]
    assert passes(limit, record({"event": "lost", "partition": "a"}), record({"event": "lost", "partition": "b"})) == [
        True,
        True,
    ]


def test_what_is_no_warning_is_always_said() -> None:
    limit = OnceInAWhile(Clock())
    assert passes(limit, *(record("received", level=logging.INFO) for _ in range(3))) == [True] * 3


def test_what_is_remembered_is_bounded() -> None:
    limit = OnceInAWhile(Clock())
    passes(limit, *(record(f"kind {number}") for number in range(MOST_KINDS + 10)))
    assert passes(limit, record("kind 0"), record(f"kind {MOST_KINDS}")) == [True, False]
