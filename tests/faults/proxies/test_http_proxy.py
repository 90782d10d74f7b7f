"""The HTTP proxy does to S3 what its rules say, seen by a client that never tries again."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Dice, Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.s3 import REGION
from tests.servers.weed import WeedServer


@pytest.fixture
def proxy(s3_server: MotoServer) -> Iterator[HttpFaultProxy]:
    with HttpFaultProxy(s3_server.endpoint_url) as proxy:
        yield proxy


def _client(endpoint_url: str) -> Any:
    config = Config(
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 1},
        read_timeout=1,
        response_checksum_validation="when_required",
    )
    return boto3.session.Session().client("s3", endpoint_url=endpoint_url, region_name=REGION, config=config)


def test_signatures_and_unusual_keys_pass_through(weed_server: WeedServer) -> None:
    bucket = weed_server.new_bucket()
    with HttpFaultProxy(weed_server.endpoint_url) as proxy:
        client = _client(proxy.endpoint_url)
        client.put_object(Bucket=bucket, Key="a b+ü%/c", Body=b"body", ContentEncoding="gzip")
        assert client.get_object(Bucket=bucket, Key="a b+ü%/c")["Body"].read() == b"body"
        assert client.head_object(Bucket=bucket, Key="a b+ü%/c")["ContentLength"] == 4
        assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    assert proxy.counts == {"forwarded": 4}


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        (Fault.UNAVAILABLE, 503, False),
        (Fault.ERROR, 500, False),
        (Fault.CONFLICT, 409, False),
        (Fault.LATE_ERROR, 500, True),
    ],
)
def test_refusals(proxy: HttpFaultProxy, s3_bucket: str, fault: Fault, status: int, done: bool) -> None:
    client = _client(proxy.endpoint_url)
    proxy.rules = [Rule(fault, method="PUT")]
    with pytest.raises(ClientError) as caught:
        client.put_object(Bucket=s3_bucket, Key="a", Body=b"x")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert client.list_objects_v2(Bucket=s3_bucket)["KeyCount"] == done
    assert proxy.counts[fault.name] == 1


@pytest.mark.parametrize(("fault", "done"), [(Fault.DROP, False), (Fault.LOSE, True)])
def test_closed_connections(proxy: HttpFaultProxy, s3_bucket: str, fault: Fault, done: bool) -> None:
    client = _client(proxy.endpoint_url)
    proxy.rules = [Rule(fault, method="PUT")]
    with pytest.raises(BotoCoreError):
        client.put_object(Bucket=s3_bucket, Key="a", Body=b"x")
    assert client.list_objects_v2(Bucket=s3_bucket)["KeyCount"] == done


def test_bodies_are_cut_or_changed_without_notice(proxy: HttpFaultProxy, s3_bucket: str) -> None:
    client = _client(proxy.endpoint_url)
    client.put_object(Bucket=s3_bucket, Key="a", Body=b"0123456789")
    proxy.rules = [Rule(Fault.TRUNCATE, method="GET", times=1), Rule(Fault.DAMAGE, method="GET", times=1)]
    cut = client.get_object(Bucket=s3_bucket, Key="a")
    assert (cut["ContentLength"], cut["Body"].read(5)) == (10, b"01234")
    damaged = client.get_object(Bucket=s3_bucket, Key="a")["Body"].read()
    assert len(damaged) == 10
    assert damaged != b"0123456789"
    assert client.get_object(Bucket=s3_bucket, Key="a")["Body"].read() == b"0123456789"


def test_a_delayed_request_is_done_late(proxy: HttpFaultProxy, s3_bucket: str) -> None:
    client = _client(proxy.endpoint_url)
    proxy.rules = [Rule(Fault.DELAY, seconds=1.5, path="/slow$")]
    client.put_object(Bucket=s3_bucket, Key="quick", Body=b"x")
    with pytest.raises(ReadTimeoutError):
        client.put_object(Bucket=s3_bucket, Key="slow", Body=b"x")


def test_down_refuses_and_up_takes_the_same_port(proxy: HttpFaultProxy, s3_bucket: str) -> None:
    client = _client(proxy.endpoint_url)
    client.put_object(Bucket=s3_bucket, Key="a", Body=b"x")
    proxy.down()
    for _ in range(2):
        with pytest.raises((EndpointConnectionError, BotoCoreError)):
            client.head_object(Bucket=s3_bucket, Key="a")
    proxy.up()
    assert client.head_object(Bucket=s3_bucket, Key="a")["ContentLength"] == 1


def test_dice_fall_alike_for_a_seed_whatever_the_order() -> None:
    rules = [Rule(Fault.DROP, share=0.3), Rule(Fault.ERROR, share=0.3, method="PUT")]
    paths = [f"/b/{number}" for number in range(500)]
    one, two, other = Dice(1, rules), Dice(1, rules), Dice(2, rules)
    first = {path: one.throw("PUT", path) for path in paths}
    assert first == {path: two.throw("PUT", path) for path in reversed(paths)}
    assert first != {path: other.throw("PUT", path) for path in paths}
    dropped = sum(rule is rules[0] for rule in first.values())
    assert 100 < dropped < 200


def test_a_rule_of_the_first_requests_strikes_each_path_that_often(s3_server: MotoServer, s3_bucket: str) -> None:
    with HttpFaultProxy(s3_server.endpoint_url) as proxy:
        client = _client(proxy.endpoint_url)
        for key in ("a", "b"):
            client.put_object(Bucket=s3_bucket, Key=key, Body=b"body")
        proxy.rules = [Rule(Fault.UNAVAILABLE, method="GET", first=2)]
        for key in ("a", "b"):
            for _ in range(2):
                with pytest.raises(ClientError):
                    client.get_object(Bucket=s3_bucket, Key=key)
            assert client.get_object(Bucket=s3_bucket, Key=key)["Body"].read() == b"body"
    assert proxy.counts["UNAVAILABLE"] == 4


def test_writes_are_kept_that_are_asked_for(s3_server: MotoServer, s3_bucket: str) -> None:
    with HttpFaultProxy(s3_server.endpoint_url, keeps="/kept") as proxy:
        client = _client(proxy.endpoint_url)
        for key in ("kept", "other"):
            etag = client.put_object(Bucket=s3_bucket, Key=key, Body=b"body", IfNoneMatch="*")["ETag"].strip('"')
        client.get_object(Bucket=s3_bucket, Key="kept")
        with pytest.raises(ClientError):
            client.put_object(Bucket=s3_bucket, Key="kept", Body=b"other", IfNoneMatch="*")
    first, second = proxy.done
    assert (first.method, first.status, first.etag, first.headers["if-none-match"]) == ("PUT", 200, etag, "*")
    assert second.status == 412
