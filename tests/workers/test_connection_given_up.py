"""A worker that loses the broker while it holds messages gives its connection up and makes a new one."""

from kombu import Connection
from kombu.common import ignore_errors

from telemetry_tasks.celery_guards import messages


def test_a_connection_that_was_given_up_with_a_message_in_hand_can_be_closed(redis_url: str) -> None:
    assert messages.refusals  # importing it puts the checked channel into kombu's transport
    connection = Connection(redis_url)
    queue = connection.SimpleQueue("given-up")
    queue.put({"a": 1})
    channel = connection.default_channel
    assert channel.basic_get("given-up") is not None
    connection._transport.client = None  # what Celery does first when the connection is lost
    ignore_errors(connection, connection.close)
    assert connection._closed
