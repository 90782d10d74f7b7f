"""Writes S3 objects so that a lost answer never turns a success into a failure, or a failure into a success.

A conditional PUT that timed out, or got a 5xx answer, may have succeeded. And botocore retries by
itself: the second try of a PUT that succeeded gets a 412. So after a try without an answer, the object is read:
the write succeeded if the digest is that of the body. Two writers of the same bytes cannot be distinguished
then: both succeed. A writer whose write succeeded without an answer and was replaced before it looked gets
``PreconditionFailed``: after that, read again and check whether the work is done.
"""

from base64 import b64encode
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from telemetry_tasks.errors import InfrastructureError, PreconditionFailed
from telemetry_tasks.storage.digests import md5_in, md5_of
from telemetry_tasks.storage.objects import Condition, Headers, Matches
from telemetry_tasks.storage.s3.access import TRIES, S3Access, pause
from telemetry_tasks.storage.s3.answers import etag_in
from telemetry_tasks.storage.s3.errors import code_of, status_of, translated


def write_object(access: S3Access, key: str, body: bytes, headers: Headers) -> str:
    """An unconditional PUT; returns the ETag."""
    with access.errors("writing", key):
        answer = access.client.put_object(**access.where(key), **_request(body, headers, None))
        return _etag_for(access, key, body, answer)


def write_object_if(
    access: S3Access,
    key: str,
    body: bytes,
    headers: Headers,
    only_if: Condition,
    *,
    unanswered: bool = False,
) -> str:
    """A PUT under a condition; returns the ETag. Raises ``PreconditionFailed`` if it does not hold.

    ``unanswered`` if the same PUT got no answer before.
    """
    request = _request(body, headers, only_if)
    problem: BotoCoreError | ClientError | None = None
    for tries in range(1, TRIES + 1):
        try:
            answer = access.client.put_object(**access.where(key), **request)
            return _etag_for(access, key, body, answer)
        except (ClientError, BotoCoreError) as error:
            problem = error
            unanswered = unanswered or _may_have_been_done(error)
            if not _may_be_tried_again(error) and not unanswered:
                raise _refusal(error, access, key) from error
        if unanswered and (etag := _outcome(access, key, body, only_if)):
            return etag
        if tries < TRIES:
            pause(tries)
    raise translated(problem, access.place(), "writing", key) from problem  # type: ignore[arg-type]


def _request(body: bytes, headers: Headers, only_if: Condition | None) -> dict[str, Any]:
    """The parameters of boto3's ``put_object``, without those that are None."""
    request = {
        "Body": body,
        "ContentMD5": b64encode(bytes.fromhex(md5_of(body))).decode(),
        "ContentType": headers.content_type,
        "ContentEncoding": headers.content_encoding,
        "CacheControl": headers.cache_control,
        "Metadata": dict(headers.metadata),
    }
    if only_if is not None:
        request |= {"IfMatch": f'"{only_if.etag}"'} if isinstance(only_if, Matches) else {"IfNoneMatch": "*"}
    return {name: value for name, value in request.items() if value is not None}


def _may_have_been_done(error: BotoCoreError | ClientError) -> bool:
    """Whether this try, or an earlier one by botocore, got no definite answer."""
    if isinstance(error, ClientError):
        retried = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        return status_of(error) >= 500 or status_of(error) == 0 or retried > 0
    return isinstance(translated(error, "", ""), InfrastructureError)


def _may_be_tried_again(error: BotoCoreError | ClientError) -> bool:
    """Another writer wrote at the same time (409): neither has lost yet."""
    return isinstance(error, ClientError) and status_of(error) == 409


def _refusal(error: BotoCoreError | ClientError, access: S3Access, key: str) -> Exception:
    """``If-Match`` without an object: 412 on some servers, 404 on others."""
    if isinstance(error, ClientError) and code_of(error) == "NoSuchKey":
        return PreconditionFailed(f"{access.place()}: writing {key}: there is no such object to replace")
    return translated(error, access.place(), "writing", key)


def _outcome(access: S3Access, key: str, body: bytes, only_if: Condition) -> str | None:
    """The ETag if our write succeeded, None if it did not yet and still may; raises if it never can."""
    try:
        found = access.client.head_object(**access.where(key))
        etag = etag_in(found, "HeadObject")
    except ClientError as error:
        if status_of(error) != 404:
            raise translated(error, access.place(), "reading", key) from error
        if isinstance(only_if, Matches):
            raise PreconditionFailed(f"{access.place()}: writing {key}: it has gone") from error
        return None
    except BotoCoreError as error:
        raise translated(error, access.place(), "reading", key) from error
    if _is_body(access, key, found, body):
        return etag
    if only_if == Matches(etag):
        return None
    raise PreconditionFailed(f"{access.place()}: writing {key}: another writer was first, it is {etag}")


def _is_body(access: S3Access, key: str, found: dict[str, Any], body: bytes) -> bool:
    md5 = md5_in(found)
    if md5 is not None:
        return md5 == md5_of(body)
    if found["ContentLength"] != len(body):
        return False
    with access.errors("reading", key):
        return bool(access.client.get_object(**access.where(key))["Body"].read() == body)


def _etag_for(access: S3Access, key: str, body: bytes, answer: dict[str, Any]) -> str:
    md5 = md5_in(answer)
    if md5 is not None and md5 != md5_of(body):
        raise InfrastructureError(f"{access.place()}: {key} was stored damaged: its MD5 is {md5}")
    return etag_in(answer, "PutObject")
