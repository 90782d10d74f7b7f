"""Blocking work, such as reading an object store, in a bounded number of threads, with a time for each step."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")


class Busy(Exception):
    """All threads are at work, and none was done in time."""


class BlockingWork:
    """At most ``most`` steps at once. A step waits ``patience`` seconds for a thread and may take ``seconds``.

    A thread cannot be stopped: a step that takes longer keeps its thread to its end, so that steps that hang never
    become more than ``most``.
    """

    def __init__(self, most: int, patience: float, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(most, "web")
        self._free = asyncio.Semaphore(most)
        self._patience, self._seconds = patience, seconds

    async def run(self, step: Callable[[], Value], unwanted: Callable[[Value], None] | None = None) -> Value:
        """The step's value. Raises ``Busy``; ``TimeoutError``; what the step raises.

        ``unwanted`` gets the value of a step that ends when nobody waits for it any more.
        """
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience)
        except TimeoutError as error:
            raise Busy from error
        loop = asyncio.get_running_loop()
        future = self._threads.submit(step)
        future.add_done_callback(lambda done: self._ended(loop))
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self._seconds)
        except (TimeoutError, asyncio.CancelledError):
            if unwanted is not None:
                future.add_done_callback(lambda done: _give(done, unwanted))
            raise

    def _ended(self, loop: asyncio.AbstractEventLoop) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._free.release)


def _give(done: "Future[Value]", take: Callable[[Value], None]) -> None:
    if not done.cancelled() and done.exception() is None:
        take(done.result())
