"""Every client goes where boto3 goes, whatever stands in the environment or in the profile."""

import os
from pathlib import Path

import pytest

from telemetry_tasks.storage.digests import md5_of
from telemetry_tasks.storage.objects import PLAIN, Absent
from telemetry_tasks.storage.s3 import bulk as s3_bulk
from telemetry_tasks.storage.s3 import client as s3_client
from telemetry_tasks.storage.s3.address import BucketAddress, bucket_address, is_foreign
from telemetry_tasks.storage.s3.bulk import Outcome
from telemetry_tasks.storage.s3.client import S3Options, s3_connection
from telemetry_tasks.storage.s3.store import S3ObjectStore
from tests.servers.moto import MotoServer
from tests.servers.ports import HOST, free_port
from tests.servers.s3 import REGION, S3Server
from tests.servers.weed import WeedServer

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")


@pytest.fixture(autouse=True)
def fresh_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients are kept for equal options, and these tests change the environment."""
    s3_client._connection_of.cache_clear()
    s3_bulk._transfers_of.cache_clear()
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture(params=["moto", "weed"])
def server(request: pytest.FixtureRequest, s3_server: MotoServer, weed_server: WeedServer) -> S3Server:
    return {"moto": s3_server, "weed": weed_server}[request.param]


def stored_by_both_ways(server: S3Server, options: S3Options) -> None:
    """Writes, creates and copies by the quick way alone, and finds all of it by a client of its own."""
    bucket = server.new_bucket()
    before = {found["Name"] for found in server.client().list_buckets()["Buckets"]}
    quick = s3_bulk.bulk_transfers(bucket, options)
    assert quick is not None
    assert quick.put("merged-slices/a/b", b"1", md5_of(b"1"), PLAIN, None) is Outcome.STORED
    assert quick.put("results/c", b"2", md5_of(b"2"), PLAIN, Absent()) is Outcome.STORED
    assert quick.copy("merged-slices/a/b", "current/d")
    assert S3ObjectStore(bucket, "", options).put("e f", b"3") == md5_of(b"3")
    found = server.client().list_objects_v2(Bucket=bucket)["Contents"]
    assert {entry["Key"] for entry in found} == {"merged-slices/a/b", "results/c", "current/d", "e f"}
    assert {found["Name"] for found in server.client().list_buckets()["Buckets"]} == before


@pytest.mark.parametrize("variable", ENDPOINT_VARIABLES)
@pytest.mark.parametrize("style", ["auto", "path"])
def test_an_endpoint_given_the_aws_way_serves_every_client(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, variable: str, style: str
) -> None:
    monkeypatch.setenv(variable, server.endpoint_url)
    options = S3Options(None, REGION, style)
    assert is_foreign(s3_client.s3_client(options), options)
    stored_by_both_ways(server, options)


def test_so_does_one_of_the_profile(server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile = tmp_path / "config"
    profile.write_text(
        f"[profile mine]\nregion = {REGION}\nservices = here\n[services here]\ns3 =\n"
        f"  endpoint_url = {server.endpoint_url}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profile))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    stored_by_both_ways(server, S3Options())


def test_the_settings_endpoint_wins_over_all_variables(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also over those that boto3 does not know, and obstore reads by itself."""
    nobody = f"http://{HOST}:{free_port()}"
    foreign = {
        **dict.fromkeys((*ENDPOINT_VARIABLES, "AWS_ENDPOINT", "AWS_METADATA_ENDPOINT"), nobody),
        "AWS_REGION": "eu-north-1",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AWS_ALLOW_HTTP": "false",
        "AWS_S3_EXPRESS": "true",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_UNSIGNED_PAYLOAD": "true",
        "AWS_REQUEST_PAYER": "true",
        "AWS_CONDITIONAL_PUT": "disabled",
        "AWS_BUCKET": "other",
    }
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    options = S3Options(server.endpoint_url, REGION)
    assert not is_foreign(s3_client.s3_client(options), options)
    stored_by_both_ways(server, options)


def test_variables_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{HOST}:{free_port()}")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    options = S3Options(None, "eu-west-1")
    assert not is_foreign(s3_client.s3_client(options), options)
    assert address(options) == BucketAddress("https://my-bucket.s3.eu-west-1.amazonaws.com", True, "eu-west-1")


def address(options: S3Options) -> BucketAddress | None:
    return bucket_address(s3_connection(options), options, "my-bucket")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (S3Options("http://10.0.0.1:9", REGION), BucketAddress("http://10.0.0.1:9", False, REGION)),
        (S3Options("http://s3.local", REGION), BucketAddress("http://s3.local", False, REGION)),
        (S3Options("http://s3.local", "x-1", "virtual"), BucketAddress("http://my-bucket.s3.local", True, "x-1")),
        (S3Options(None, "eu-west-1", "path"), BucketAddress("https://s3.eu-west-1.amazonaws.com", False, "eu-west-1")),
        (S3Options("http://s3.local/with/a/path", REGION), None),
    ],
)
def test_bucket_and_region_are_where_boto3_puts_them(options: S3Options, expected: BucketAddress | None) -> None:
    assert address(options) == expected


def test_a_proxy_and_certificates_are_handed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(b"-----BEGIN CERTIFICATE-----")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.local:3128")
    monkeypatch.setenv("NO_PROXY", "other.local")
    found = address(S3Options("https://s3.local", REGION))
    assert found is not None
    assert (found.proxy, found.certificates) == ("http://proxy.local:3128", bundle.read_bytes())
    monkeypatch.setenv("NO_PROXY", "s3.local")
    excepted = address(S3Options("https://s3.local", REGION))
    assert excepted is not None
    assert excepted.proxy is None


def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    address(S3Options("http://s3.local", REGION))
    assert dict(os.environ) == before
