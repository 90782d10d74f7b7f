"""The quick way for the many small requests of publishing: PUTs, over whatever is there or over nothing, and copies.

boto3 costs 1.5 ms of CPU a PUT and 1.7 ms a copy, obstore 0.2 ms a request (a copy is three), and a publish makes
thousands of them.
Nothing depends on it: whatever is unusual (a key that obstore would encode differently, no answer, an answer that
is no success, another ETag than the body's MD5) is said to be not done, and done again by boto3, which a plain PUT
and a copy allow. Of a PUT over nothing it is said too whether it may have been done: then a refusal that boto3 meets
may be our own doing. A way that keeps failing is left alone for a while.
"""

import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
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
from telemetry_tasks.storage.s3.address import bucket_address
from telemetry_tasks.storage.s3.client import S3Options, s3_connection

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)*\Z", re.ASCII)
"""Keys that obstore sends as they are; of others it encodes some, and refuses some."""

LARGEST = 16 << 20
"""Bytes: larger bodies spend their time on the way, not in a library."""

MOST_FAILURES = 3
RESTING = 60.0  # seconds

_REFUSALS = (AlreadyExistsError, NotFoundError, PermissionDeniedError, UnauthenticatedError)
"""Answers after which it is certain that nothing was stored. One of them is also what a 409 is told as."""

_first_process: list[int] = []


def bulk_transfers(bucket: str, options: S3Options) -> "BulkTransfers | None":
    """This process's quick way to a bucket; None where there is none.

    obstore's threads do not survive a fork, so that only the process that used it first has it.
    """
    return _transfers_of(os.getpid(), bucket, options)


@lru_cache(maxsize=16)
def _transfers_of(pid: int, bucket: str, options: S3Options) -> "BulkTransfers | None":
    if _first_process[:1] not in ([], [pid]):
        return None
    try:
        store = _store(bucket, options)
    except (BaseError, BotoCoreError, OperatorError, OSError, ValueError):
        return None  # boto3 meets it too, and says so
    if store is None:
        return None
    _first_process[:] = [pid]
    return BulkTransfers(store)


def _store(bucket: str, options: S3Options) -> S3Store | None:
    """obstore's way to where boto3 goes; None where it has none of its own.

    obstore reads variables of the environment by itself; what it is told here wins over each of them. Some change
    what a request asks for (``AWS_SERVER_SIDE_ENCRYPTION``) and cannot be told away: the answers are checked.
    """
    connection = s3_connection(options)
    address = bucket_address(connection, options, bucket)
    if address is None:
        return None
    seconds = timedelta(seconds=options.read_timeout)
    config: Any = {
        "endpoint": address.endpoint,
        "aws_endpoint_url_s3": address.endpoint,  # a variable of this name would win over ``endpoint``
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


class BulkTransfers:
    """Plain requests to one bucket. Safe among threads."""

    def __init__(self, store: S3Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._failures = 0
        self._rests_until = 0.0

    def put(self, key: str, body: bytes, md5: str, headers: Mapping[str, str], metadata: Mapping[str, str]) -> bool:
        """Stores the body; False where it is not known to be stored with this MD5."""
        if not _is_usual(key, body):
            return False
        attributes: Any = {**headers, **metadata}
        return self._done(
            lambda: obstore.put(self._store, key, body, attributes=attributes, use_multipart=False)["e_tag"] or "", md5
        )

    def create(
        self, key: str, body: bytes, md5: str, headers: Mapping[str, str], metadata: Mapping[str, str]
    ) -> bool | None:
        """Stores the body where there is no such object. False where it was not done, None where that is not known."""
        if not _is_usual(key, body) or self._clock() < self._rests_until:
            return False
        attributes: Any = {**headers, **metadata}
        try:
            answer = obstore.put(self._store, key, body, attributes=attributes, use_multipart=False, mode="create")
        except _REFUSALS:
            return False
        except (BaseError, OSError, ValueError):
            return self._counted(done=False) or None
        return self._counted(done=(answer["e_tag"] or "").strip('"') == md5) or None

    def copy(self, source: str, target: str) -> bool:
        """Copies inside the bucket; False where it is not known to be done.

        S3 may answer 200 to a copy before it is done, and put the error into the body, which obstore does not read:
        so both objects are looked at afterwards.
        """
        if not _PLAIN_KEY.match(source) or not _PLAIN_KEY.match(target):
            return False

        def copied() -> str:
            obstore.copy(self._store, source, target)
            facts = self._facts(source)
            return "alike" if facts[1] and self._facts(target) == facts else ""

        return self._done(copied, "alike")

    def _facts(self, key: str) -> tuple[int, str | None]:
        found = obstore.head(self._store, key)
        return found["size"], found["e_tag"]

    def _done(self, request: Callable[[], str], etag: str) -> bool:
        if self._clock() < self._rests_until:
            return False
        try:
            done = request().strip('"') == etag
        except (BaseError, OSError, ValueError):
            done = False
        return self._counted(done=done)

    def _counted(self, *, done: bool) -> bool:
        self._failures = 0 if done else self._failures + 1
        if self._failures >= MOST_FAILURES:
            self._failures, self._rests_until = 0, self._clock() + RESTING
        return done
