"""The boto3 client behind the S3 store: its configuration, and one client per process.

A client from before a fork shares its sockets with the parent: it has returned another object's body, without
an error. So clients are kept by process id.

boto3 costs CPU. A PUT of 1,500 bytes from 16 threads, in user+system time: 1.75 ms by default; 1.15 ms (and
770 PUTs a second instead of 550) with a fixed User-Agent, which is otherwise built again for every
request, and without ``Expect: 100-continue``, which is a wait for the server before every body. Switching off
its validation of parameters saves 1 %.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import boto3
import botocore.session
from botocore import handlers
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from telemetry_tasks import __version__
from telemetry_tasks.errors import OperatorError


@dataclass(frozen=True, slots=True)
class S3Options:
    """How to reach S3; times in seconds. Credentials come from the usual places of boto3."""

    endpoint_url: str | None = None
    region: str | None = None
    addressing_style: str = "auto"
    checksums: str = "when_required"
    max_connections: int = 16
    connect_timeout: float = 3.0
    read_timeout: float = 20.0
    max_attempts: int = 5


@dataclass(frozen=True, slots=True)
class S3Connection:
    """A boto3 session and its client: what both found in settings, environment and profile.

    ``ca_bundle`` is the file of certificates that the client trusts instead of the usual ones.
    """

    session: boto3.session.Session
    client: Any
    ca_bundle: str | None


def s3_client(options: S3Options) -> Any:
    """This process's client for ``options``; all stores with the same options share it. Thread-safe."""
    return s3_connection(options).client


def s3_connection(options: S3Options) -> S3Connection:
    """The same with its session. Raises ``OperatorError``."""
    return _connection_of(os.getpid(), options)


@lru_cache(maxsize=16)
def _connection_of(pid: int, options: S3Options) -> S3Connection:
    config = Config(
        user_agent=f"telemetry-tasks/{__version__}",
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        retries={"mode": "standard", "total_max_attempts": options.max_attempts},
        max_pool_connections=options.max_connections,
        tcp_keepalive=True,
        s3={"addressing_style": options.addressing_style},
        request_checksum_calculation=options.checksums,
        response_checksum_validation=options.checksums,
        # the store sends valid parameters only
        parameter_validation=False,
        disable_request_compression=True,
    )
    try:
        # a separate session: boto3's default one is shared and not thread-safe
        core = botocore.session.get_session()
        session = boto3.session.Session(region_name=options.region, botocore_session=core)
        client = session.client("s3", endpoint_url=options.endpoint_url, config=config)
    except (BotoCoreError, ValueError) as error:
        endpoint = options.endpoint_url or "AWS"
        raise OperatorError(f"S3 at {endpoint} cannot be used: {error}") from error
    client.meta.events.unregister("before-call.s3", handlers.add_expect_header)
    return S3Connection(session, client, core.get_config_variable("ca_bundle"))
