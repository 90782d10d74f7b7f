"""The servers themselves: what the other tests take for granted."""

import redis

from tests.servers.moto import MotoServer
from tests.servers.ports import free_ports, is_free
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer


def test_ports_are_free_and_never_given_twice() -> None:
    first, second = free_ports(5, grpc=True), free_ports(5, grpc=True)
    assert not set(first) & set(second)
    assert all(is_free(port) and is_free(port + 10_000) for port in first + second)


def test_the_redis_given_to_a_test_is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_a_durable_redis_keeps_its_keys_over_a_kill() -> None:
    with RedisServer(durable=True) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "1")
        server.kill()
        server.restart()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("kept") == b"1"


def test_options_reach_the_redis_server() -> None:
    with RedisServer({"maxmemory": "20mb"}) as server, redis.Redis.from_url(server.url) as client:
        assert client.config_get("maxmemory")["maxmemory"] == str(20 * 1024 * 1024)


def test_moto_stores_objects(s3_server: MotoServer) -> None:
    bucket = s3_server.new_bucket()
    s3_server.client().put_object(Bucket=bucket, Key="a", Body=b"x")
    assert s3_server.client().get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_weed_keeps_its_objects_over_a_kill() -> None:
    with WeedServer() as server:
        bucket = server.new_bucket()
        server.client().put_object(Bucket=bucket, Key="a", Body=b"x")
        server.kill()
        server.restart()
        assert server.client().get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"
