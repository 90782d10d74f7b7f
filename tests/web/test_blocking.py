"""Blocking steps in a bounded number of threads: what hangs keeps its thread, and nothing that comes late leaks."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from telemetry_tasks.web.blocking import BlockingWork, Busy

T = TypeVar("T")


def in_own_loop(work: Coroutine[object, object, T]) -> T:
    """Runs it in a thread of its own: the browser of other tests keeps a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_a_step_gives_its_value_and_its_error() -> None:
    def fail() -> None:
        raise KeyError("a")

    async def both() -> None:
        work = BlockingWork(1, 5, 5)
        assert await work.run(lambda: 7) == 7
        with pytest.raises(KeyError):
            await work.run(fail)
        assert await work.run(lambda: 8) == 8

    in_own_loop(both())


def test_steps_that_hang_are_given_up_but_never_become_more_than_allowed() -> None:
    ends, running = threading.Event(), 0

    def hang() -> None:
        nonlocal running
        running += 1
        ends.wait()

    async def many() -> list[BaseException | None]:
        work = BlockingWork(2, patience=0.1, seconds=0.3)
        found = await asyncio.gather(*(work.run(hang) for _ in range(10)), return_exceptions=True)
        with pytest.raises(Busy):
            await work.run(hang)
        ends.set()
        while True:  # the threads are free again as soon as their steps end
            try:
                assert await work.run(lambda: 7) == 7
            except Busy:
                continue
            return found

    try:
        kinds = [type(each) for each in in_own_loop(many())]
    finally:
        ends.set()
    assert (kinds.count(TimeoutError), kinds.count(Busy), running) == (2, 8, 2)


def test_a_value_that_nobody_waits_for_any_more_is_given_back() -> None:
    ends, given = threading.Event(), threading.Event()
    late: list[str] = []

    def step() -> str:
        ends.wait()
        return "open file"

    def take(value: str) -> None:
        late.append(value)
        given.set()

    async def impatient() -> None:
        work = BlockingWork(1, 1, 0.1)
        with pytest.raises(TimeoutError):
            await work.run(step, take)
        ends.set()
        assert await asyncio.to_thread(given.wait, 10)
        assert await work.run(lambda: "in time", take) == "in time"

    in_own_loop(impatient())
    assert late == ["open file"]
