"""How far a task is: said seldom, and never at the cost of the task."""

import pytest
from kombu.exceptions import OperationalError

from telemetry_tasks.tasks.flower_progress import EVERY, TaskProgress, amount, of_current_task


class Watcher:
    """A clock that is set by hand, and what was sent."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[str] = []
        self.away = False

    def send(self, text: str) -> None:
        if self.away:
            raise OperationalError("no broker")
        self.sent.append(text)


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def progress(watcher: Watcher) -> TaskProgress:
    return TaskProgress(watcher.send, lambda: watcher.now)


@pytest.mark.parametrize(
    ("done", "total", "what", "text"),
    [(3, 40, "measures", "3 of 40 measures"), (3 << 19, 64 << 20, "bytes", "1.5 of 64.0 MiB")],
)
def test_an_amount_is_short(done: int, total: int, what: str, text: str) -> None:
    assert amount(done, total, what) == text


def test_a_task_of_a_moment_says_nothing(progress: TaskProgress, watcher: Watcher) -> None:
    for done in range(1000):
        progress(done, 1000, "measures")
    assert watcher.sent == []


def test_a_long_one_says_it_now_and_then(progress: TaskProgress, watcher: Watcher) -> None:
    for done in range(100):
        watcher.now += EVERY / 10
        progress(done, 100, "measures")
    assert 9 <= len(watcher.sent) <= 10
    assert watcher.sent[0] in ("9 of 100 measures", "10 of 100 measures")


def test_a_broker_that_is_away_is_not_tried_again(progress: TaskProgress, watcher: Watcher) -> None:
    watcher.away = True
    watcher.now += EVERY
    progress(1, 100, "measures")
    watcher.away = False
    watcher.now += 10 * EVERY
    progress(2, 100, "measures")
    assert watcher.sent == []


def test_where_no_task_runs_there_is_nobody_to_tell() -> None:
    assert of_current_task() is None
