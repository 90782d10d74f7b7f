"""The fast path for the many small requests of publishing: PUTs, unconditional or for new keys only, and copies.

boto3 costs 1.5 ms of CPU a PUT and 1.7 ms a copy, obstore 0.2 ms a request (a copy is three), and a publish makes
thousands of them.
Nothing depends on it: anything unusual (a key that obstore would encode differently, no answer, a failure,
an ETag other than the body's MD5) is reported as failed and retried with boto3, which is safe for a plain PUT
and a copy. For a PUT of a new key it also reports whether it may have succeeded: then a refusal by boto3's retry
may be due to that. A path that keeps failing is not used for a while.
"""

import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from typing import Any

import obstore
from botocore.exceptions import BotoCoreError
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from telemetry_tasks import __version__
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.storage.objects import Absent, Condition, Headers, Matches
from telemetry_tasks.storage.s3.address import bucket_address
from telemetry_tasks.storage.s3.client import S3Options, s3_connection

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)*\Z", re.ASCII)
"""Keys that obstore sends unchanged; it encodes or refuses some others."""

LARGEST = 16 << 20
"""Bytes: for larger bodies the transfer takes the time, not the library."""

MOST_FAILURES = 3
RESTING = 60.0  # seconds

_REFUSALS = (AlreadyExistsError, NotFoundError, PermissionDeniedError, UnauthenticatedError)
"""Errors after which it is certain that nothing was stored. A 409 is reported as one of them."""

_first_process: list[int] = []


def bulk_transfers(bucket: str, options: S3Options) -> "BulkTransfers | None":
    """This process's fast path to a bucket; None if there is none.

    obstore's threads do not survive a fork, so only the process that used it first has it.
    """
    return _transfers_of(os.getpid(), bucket, options)


@lru_cache(maxsize=16)
def _transfers_of(pid: int, bucket: str, options: S3Options) -> "BulkTransfers | None":
    if _first_process[:1] not in ([], [pid]):
        return None
    try:
        store = _store(bucket, options)
    except (BaseError, BotoCoreError, OperatorError, OSError, ValueError):
        return None  # boto3 has the same error, and reports it
    if store is None:
        return None
    _first_process[:] = [pid]
    return BulkTransfers(store)


def _store(bucket: str, options: S3Options) -> S3Store | None:
    """obstore's path to the address of boto3; None if it has none.

    obstore reads variables of the environment by itself; the options given here override them. Some change
    the request (``AWS_SERVER_SIDE_ENCRYPTION``) and cannot be overridden: the answers are checked.
    """
    connection = s3_connection(options)
    address = bucket_address(connection, options, bucket)
    if address is None:
        return None
    seconds = timedelta(seconds=options.read_timeout)
    config: Any = {
        "endpoint": address.endpoint,
        "aws_endpoint_url_s3": address.endpoint,  # a variable of this name would override ``endpoint``
        "virtual_hosted_style_request": address.in_host,
        "skip_signature": False,
        "unsigned_payload": False,
        "request_payer": False,
        "s3_express": False,
        "conditional_put": "etag",
    }
    client_options: Any = {
        "allow_http": True,
        "connect_timeout": timedelta(seconds=options.connect_timeout),
        "timeout": seconds,
        "user_agent": f"telemetry-tasks/{__version__}",
    }
    if address.proxy:
        client_options["proxy_url"] = address.proxy
    if address.certificates:
        client_options["root_certificate"] = address.certificates
    return S3Store(
        bucket,
        config=config,
        region=address.region,
        credential_provider=Boto3CredentialProvider(connection.session, ttl=timedelta(minutes=5)),
        client_options=client_options,
        retry_config={"max_retries": 0, "retry_timeout": seconds},
    )


def _is_usual(key: str, body: bytes) -> bool:
    return len(body) <= LARGEST and _PLAIN_KEY.match(key) is not None


class Outcome(Enum):
    """What is known of a PUT that was tried here."""

    STORED = "stored"
    NOT_STORED = "not stored"
    UNKNOWN = "unknown"


class BulkTransfers:
    """Plain requests to one bucket. Thread-safe."""

    def __init__(self, store: S3Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._failures = 0
        self._rests_until = 0.0

    def put(self, key: str, body: bytes, md5: str, headers: Headers, only_if: Condition | None) -> Outcome:
        """Stores the body, unless ``only_if`` asks for an ETag. Without a condition, the caller may just try again."""
        if isinstance(only_if, Matches) or not _is_usual(key, body) or self._is_resting():
            return Outcome.NOT_STORED
        named = {
            "Content-Type": headers.content_type,
            "Content-Encoding": headers.content_encoding,
            "Cache-Control": headers.cache_control,
        }
        attributes: Any = {name: value for name, value in named.items() if value is not None} | dict(headers.metadata)
        mode: Any = "create" if isinstance(only_if, Absent) else "overwrite"
        try:
            answer = obstore.put(self._store, key, body, attributes=attributes, use_multipart=False, mode=mode)
        except _REFUSALS:
            if only_if is None:
                self._count(done=False)
            return Outcome.NOT_STORED
        except (BaseError, OSError, ValueError):
            self._count(done=False)
            return Outcome.UNKNOWN
        stored = (answer["e_tag"] or "").strip('"') == md5
        self._count(done=stored)
        return Outcome.STORED if stored else Outcome.UNKNOWN

    def copy(self, source: str, target: str) -> bool:
        """Copies inside the bucket; False if it is not known to be done.

        S3 may answer 200 to a copy before it is done, and put the error into the body, which obstore does not read:
        so both objects are checked afterwards.
        """
        if not _PLAIN_KEY.match(source) or not _PLAIN_KEY.match(target) or self._is_resting():
            return False
        try:
            obstore.copy(self._store, source, target)
            facts = self._facts(source)
            alike = facts[1] is not None and self._facts(target) == facts
        except (BaseError, OSError, ValueError):
            alike = False
        self._count(done=alike)
        return alike

    def _facts(self, key: str) -> tuple[int, str | None]:
        found = obstore.head(self._store, key)
        return found["size"], found["e_tag"]

    def _is_resting(self) -> bool:
        return self._clock() < self._rests_until

    def _count(self, *, done: bool) -> None:
        self._failures = 0 if done else self._failures + 1
        if self._failures >= MOST_FAILURES:
            self._failures, self._rests_until = 0, self._clock() + RESTING
