"""What a living worker has taken stays its own; what it gave back or lost is not touched."""

import time

import pytest
import redis
from kombu import Connection

from telemetry_tasks.celery_guards.redelivery import renew

OLD = 1000.0
INDEX = "unacked_index"


@pytest.fixture
def client(redis_url: str) -> redis.Redis:
    return redis.Redis.from_url(redis_url)


def test_messages_that_are_taken_are_renewed_and_no_others(redis_url: str, client: redis.Redis) -> None:
    with Connection(redis_url) as connection:
        queue = connection.SimpleQueue("queue")
        for number in range(3):
            queue.put({"number": number})
        acknowledged, lost, _ = (queue.get(timeout=10) for _ in range(3))
        acknowledged.ack()
        client.zrem(INDEX, lost.delivery_tag)  # it was given to another worker, which acknowledged it
        client.zadd(INDEX, {"another worker's": OLD})
        client.zadd(INDEX, dict.fromkeys(client.zrange(INDEX, 0, -1), OLD))
        began = time.time()
        renew(queue.consumer.channel)
        scores = {name.decode(): score for name, score in client.zrange(INDEX, 0, -1, withscores=True)}
        assert scores.pop("another worker's") == OLD
        (score,) = scores.values()
        assert score >= began


def test_a_broker_that_is_full_is_no_reason_to_end(redis_url: str, client: redis.Redis) -> None:
    with Connection(redis_url) as connection:
        queue = connection.SimpleQueue("queue")
        queue.put({})
        queue.get(timeout=10)
        client.config_set("maxmemory", "1")
        try:
            renew(queue.consumer.channel)
        finally:
            client.config_set("maxmemory", "0")
        renew(queue.consumer.channel)
        assert client.zrange(INDEX, 0, -1, withscores=True)[0][1] > OLD
