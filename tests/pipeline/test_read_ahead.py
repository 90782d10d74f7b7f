"""Items made in another thread: the same ones, with their error, small ones together, and nothing left behind."""

import threading
from collections.abc import Generator
from itertools import chain

import pytest

from telemetry_tasks.pipeline.aggregate.read_ahead import batched_by_size, read_ahead


class Source:
    """Items, and what became of the generator."""

    def __init__(self, *items: object) -> None:
        self._items, self.closed = items, False
        self.made = 0

    def all(self) -> Generator[object, None, None]:
        try:
            for item in self._items:
                if isinstance(item, Exception):
                    raise item
                self.made += 1
                yield item
        finally:
            self.closed = True


def sizes(source: Source, least: int, most: int) -> list[list[object]]:
    return list(batched_by_size(source.all(), lambda item: int(str(item)), least, most))


def test_small_items_go_together_and_large_ones_alone() -> None:
    assert sizes(Source(1, 1, 9, 10, 2, 8, 30, 1), least=10, most=99) == [[1, 1, 9], [10], [2, 8], [30], [1]]


def test_items_without_a_size_go_together_too() -> None:
    assert sizes(Source(0, 0, 0, 0, 0), least=10, most=2) == [[0, 0], [0, 0], [0]]


def test_nothing_is_no_batch() -> None:
    assert sizes(Source(), least=10, most=2) == []


@pytest.mark.parametrize("most", [1, 3, 100])
def test_the_items_and_their_error_come_through(most: int) -> None:
    source = Source(*range(10), ValueError("broken"))
    found: list[object] = []
    handed_over = read_ahead(batched_by_size(source.all(), lambda item: 1, 1 << 30, most), 2)
    with pytest.raises(ValueError, match="broken"):
        found.extend(chain.from_iterable(handed_over))
    assert found == list(range(10))[: 10 // most * most]  # what was gathered for a hand-over goes down with the error
    assert source.closed


def test_a_reader_that_stops_early_leaves_no_thread_and_nothing_open() -> None:
    source = Source(*range(1000))
    ahead = read_ahead(batched_by_size(source.all(), lambda item: 1, 1 << 30, 5), 2)
    assert next(ahead) == [0, 1, 2, 3, 4]
    ahead.close()
    assert source.closed
    assert source.made <= 5 * 4
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]
