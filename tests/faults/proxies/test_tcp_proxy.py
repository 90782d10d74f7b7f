"""The TCP proxy does to Redis what its names say."""

import threading
from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.proxies.tcp_proxy import TcpFaultProxy
from tests.servers.redis import RedisServer


@pytest.fixture
def proxy(redis_server: RedisServer, redis_url: str) -> Iterator[TcpFaultProxy]:
    with TcpFaultProxy(redis_server.port) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: TcpFaultProxy) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(proxy.redis_url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
        yield client


def test_what_is_not_disturbed_goes_through(proxy: TcpFaultProxy, client: redis.Redis) -> None:
    body = bytes(range(256)) * 10_000
    client.set("a", body)
    assert client.get("a") == body
    assert proxy.counts["accepted"] == 1


def test_a_cut_connection_is_reset_and_a_new_one_serves(proxy: TcpFaultProxy, client: redis.Redis) -> None:
    client.ping()
    cutting = threading.Timer(0.2, proxy.cut)
    cutting.start()
    with pytest.raises(redis.ConnectionError):
        client.blpop(["nothing"], timeout=0.9)
    cutting.join()
    assert client.ping()
    assert (proxy.counts["cut"], proxy.counts["accepted"]) == (1, 2)


def test_a_frozen_connection_times_out_and_works_again_when_thawed(proxy: TcpFaultProxy, client: redis.Redis) -> None:
    client.ping()
    proxy.freeze()
    with pytest.raises(redis.TimeoutError):
        client.ping()
    proxy.thaw()
    assert client.ping()


def test_a_lost_reply_leaves_the_command_done(proxy: TcpFaultProxy, client: redis.Redis) -> None:
    client.ping()
    proxy.lose_replies(1)
    with pytest.raises(redis.ConnectionError):
        client.incr("n")
    assert client.get("n") == b"1"
    assert proxy.counts["lost"] == 1


def test_a_delay_holds_up_every_piece(proxy: TcpFaultProxy, client: redis.Redis) -> None:
    client.ping()
    proxy.delay = 0.7
    with pytest.raises(redis.TimeoutError):
        client.ping()
    proxy.delay = 0.0
    assert client.ping()


def test_down_refuses_and_up_takes_the_same_port(proxy: TcpFaultProxy, client: redis.Redis) -> None:
    client.ping()
    proxy.down()
    for _ in range(2):
        with pytest.raises(redis.ConnectionError):
            client.ping()
    proxy.up()
    assert client.ping()
