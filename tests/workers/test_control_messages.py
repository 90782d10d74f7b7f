"""A worker whose poller names its control connection with nothing to read goes on, instead of waiting for a message."""

from collections.abc import Callable
from queue import Empty

import pytest

from telemetry_tasks.celery_guards.messages import CheckedChannel


class Lost(Exception):
    """As of a connection that is gone."""


class Subscribed:
    """A subscription in the place of redis-py's: ``readable`` says whether a read would wait."""

    def __init__(self, readable: Callable[[], bool]) -> None:
        self.connection, self._readable = self, readable

    def can_read(self, timeout: float) -> bool:
        assert timeout == 0
        return self._readable()

    def parse_response(self) -> list[bytes]:
        raise AssertionError("it waits for a message that nobody sends")


def channel_with(subscribed: Subscribed) -> CheckedChannel:
    channel = CheckedChannel.__new__(CheckedChannel)
    channel.__dict__.update(subclient=subscribed, connection_errors=(Lost,), _in_listen=subscribed, closed=True)
    return channel


def test_a_control_connection_with_nothing_to_read_is_not_waited_for() -> None:
    channel = channel_with(Subscribed(lambda: False))
    with pytest.raises(Empty):
        channel._receive()


def test_one_that_has_something_is_read() -> None:
    with pytest.raises(AssertionError, match="it waits"):
        channel_with(Subscribed(lambda: True))._receive()


def test_one_that_is_gone_is_subscribed_again() -> None:
    def gone() -> bool:
        raise Lost

    channel = channel_with(Subscribed(gone))
    with pytest.raises(Lost):
        channel._receive()
    assert not channel._in_listen
