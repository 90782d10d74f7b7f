"""Finds where boto3 sends the requests for a bucket, so that other clients use the same address.

boto3 takes the endpoint from the settings, from variables (``AWS_ENDPOINT_URL_S3``, ``AWS_ENDPOINT_URL``) or from the
profile, the region likewise, and puts the bucket into the host or into the path by rules of its own. A client
with other rules could write to another bucket.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.utils import get_environ_proxies

from telemetry_tasks.storage.s3.client import S3Connection, S3Options

_PROBE = "k"


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """``endpoint`` is scheme and host, with the bucket in the host if ``in_host``; requests are signed for ``region``.

    ``proxy`` is the URL of a proxy, ``certificates`` are trusted in addition to the usual ones (PEM).
    """

    endpoint: str
    in_host: bool
    region: str
    proxy: str | None = None
    certificates: bytes | None = None


def bucket_address(connection: S3Connection, options: S3Options, bucket: str) -> BucketAddress | None:
    """The address of a bucket; None if the endpoint has a path, which other clients may not support.

    Raises ``BotoCoreError`` if there are no credentials.
    """
    client = connection.client
    url = _url_of_request(connection, options, bucket)
    parts = urlsplit(url)
    in_host = parts.path == f"/{_PROBE}"
    if not in_host and parts.path != f"/{bucket}/{_PROBE}":
        return None
    region = client.meta.region_name
    bundle = connection.ca_bundle if parts.scheme == "https" else None
    return BucketAddress(
        f"{parts.scheme}://{parts.netloc}",
        in_host,
        "us-east-1" if region in (None, "aws-global") else region,
        get_environ_proxies(url).get(parts.scheme),
        Path(bundle).read_bytes() if bundle else None,
    )


def _url_of_request(connection: S3Connection, options: S3Options, bucket: str) -> str:
    """The URL that boto3 would ask for the object ``_PROBE``. Sends nothing.

    Uses a separate client, as handlers belong to a client. A presigned URL may have another host.
    """

    def end(request: AWSPreparedRequest, **_: object) -> None:
        raise _Prepared(request.url)

    client = connection.session.client("s3", endpoint_url=options.endpoint_url, config=connection.client.meta.config)
    client.meta.events.register("before-send.s3", end)
    try:
        client.head_object(Bucket=bucket, Key=_PROBE)
    except _Prepared as prepared:
        return str(prepared)
    raise AssertionError("botocore sent a request past its handler")


class _Prepared(Exception):
    """Raised when a request is ready to be sent, with its URL."""


def endpoint_of(client: Any) -> str:
    """The endpoint that boto3 resolved."""
    return str(client.meta.endpoint_url)


def is_foreign(client: Any, options: S3Options) -> bool:
    """Whether the endpoint is neither from the settings nor AWS's own: a variable or a profile gives it."""
    host = urlsplit(endpoint_of(client)).hostname or ""
    return options.endpoint_url is None and not host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
