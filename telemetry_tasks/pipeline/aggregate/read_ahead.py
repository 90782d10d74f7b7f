"""Work done ahead, in a thread: decoding goes on while the pings before are added up."""

from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    """The items ended, with an error or without."""

    error: BaseException | None = None


class _Ahead:
    """At most ``depth`` items that were made and not taken yet."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._items: deque[object] = deque()
        self._changed = Condition()
        self._unwanted = False

    def put(self, item: object) -> bool:
        """Waits for free space. False if the consumer has stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._unwanted or len(self._items) < self._depth)
            self._items.append(item)
            self._changed.notify_all()
            return not self._unwanted

    def get(self) -> object:
        """Waits for an item."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items))
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def stop(self) -> None:
        """No item is wanted any more."""
        with self._changed:
            self._unwanted = True
            self._changed.notify_all()

    def fill(self, items: Generator[object, None, None]) -> None:
        """What the thread does."""
        try:
            with closing(items):
                for item in items:
                    if not self.put(item):
                        return
        except BaseException as error:  # noqa: BLE001 - handed to the other thread, which raises it
            self.put(_End(error))
        else:
            self.put(_End())


def read_ahead(items: Generator[Item, None, None], depth: int) -> Generator[Item, None, None]:
    """The same items and the same error at their end; ``depth`` of them are made ahead, in another thread.

    That thread has ended, and ``items`` is closed, when this generator ends or is closed.
    """
    ahead = _Ahead(depth)
    thread = Thread(target=ahead.fill, args=(items,), name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = ahead.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item  # type: ignore[misc]
    finally:
        ahead.stop()
        thread.join()


def batched_by_size(
    items: Generator[Item, None, None], size: Callable[[Item], int], least: int, most: int
) -> Generator[list[Item], None, None]:
    """The same items in lists of ``least`` bytes or more, as ``size`` counts them, or of ``most`` items.

    Handing over from thread to thread takes as long as the work on a small item, so many of those go together.
    """
    batch: list[Item] = []
    total = 0
    with closing(items):
        for item in items:
            batch.append(item)
            total += size(item)
            if total >= least or len(batch) >= most:
                yield batch
                batch, total = [], 0
    if batch:
        yield batch
