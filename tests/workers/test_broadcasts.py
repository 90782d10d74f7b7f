"""Remote control of workers: nothing waits for a broadcast that does not come."""

import time

from kombu import Connection

from telemetry_tasks.celery_guards.messages import CheckedChannel
from tests.embedded.waiting import wait_until

SOON = 2.0


def test_an_event_without_a_message_is_not_waited_for(redis_url: str) -> None:
    got: list[object] = []
    with Connection(redis_url) as connection:
        channel = connection.channel()
        assert isinstance(channel, CheckedChannel)
        channel.exchange_declare("broadcasts", type="fanout")
        channel.queue_declare("control")
        channel.queue_bind("control", "broadcasts", "")
        channel.basic_consume("control", True, got.append, "tag")
        subscribed = channel.subclient.connection = channel.subclient.connection_pool.get_connection()
        channel._subscribe()  # as the loop of a worker does
        wait_until(lambda: subscribed.can_read(timeout=0), 20)
        channel._receive()  # Redis confirms
        began = time.monotonic()
        assert not channel._receive()
        assert time.monotonic() - began < SOON

        message = channel.prepare_message("hello")
        channel.basic_publish(message, "broadcasts", "")
        wait_until(lambda: subscribed.can_read(timeout=0), 20)
        channel._receive()
        assert len(got) == 1
