"""Reads S3 objects completely and checks them. botocore retries a request, but not the reading of its body.

A broken connection raises or gives a short body, and damage raises nothing: so length and digests are
checked here, and the body is read again if needed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError, FlexibleChecksumError, HTTPClientError, IncompleteReadError
from urllib3.exceptions import HTTPError

from telemetry_tasks.errors import DamagedObject, InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.storage.digests import BodyCheck, md5_in
from telemetry_tasks.storage.objects import Headers, StoredObject
from telemetry_tasks.storage.s3.access import TRIES, S3Access, pause
from telemetry_tasks.storage.s3.answers import etag_in, field, is_usual, not_from_s3

# errors of reading from an open connection; botocore passes on some of urllib3's
_BROKEN = (HTTPClientError, IncompleteReadError, FlexibleChecksumError, HTTPError, OSError)


def read_object(access: S3Access, key: str, if_match: str | None) -> StoredObject:
    """The object, read up to five times until it is whole and undamaged.

    Raises ``DamagedObject`` if the last reading was whole.
    """
    problem = ""
    kind = InfrastructureError
    for tries in range(1, TRIES + 1):
        answer = _open(access, key, if_match)
        check = _check_for(answer)
        try:
            body = answer["Body"].read()
        except _BROKEN as error:
            problem, kind = str(error), InfrastructureError
        else:
            check.take(body)
            damage = check.damage()
            if damage is None:
                return _stored(key, body, answer)
            problem, kind = damage, DamagedObject if check.received == check.length else InfrastructureError
        if tries < TRIES:
            pause(tries)
    raise kind(f"{access.place()}: {key} could not be read in {TRIES} tries: {problem}")


def stream_object(access: S3Access, key: str, if_match: str | None, chunk_size: int) -> Iterator[bytes]:
    """The object's bytes; if the connection breaks, it requests the rest of the same object.

    Damage is found after the last piece: then it raises ``DamagedObject`` instead of ending.
    """
    answer = _open(access, key, if_match)
    etag = str(answer["ETag"])
    check = _check_for(answer)
    tries = 0
    while True:
        before = check.received
        problem = f"{check.received} of {check.length} bytes arrived"
        try:
            while piece := answer["Body"].read(min(chunk_size, check.length - check.received)):
                check.take(piece)
                yield piece
        except _BROKEN as error:
            problem = str(error)
        if check.received == check.length:
            break
        tries = 1 if check.received > before else tries + 1
        if tries > TRIES:
            raise InfrastructureError(f"{access.place()}: {key} broke off {TRIES} times at one place: {problem}")
        pause(tries)
        answer = _resume(access, key, etag, check.received)
    if damage := check.damage():
        raise DamagedObject(f"{access.place()}: {key}: {damage}")


def _open(access: S3Access, key: str, if_match: str | None) -> Mapping[str, Any]:
    condition = {} if if_match is None else {"IfMatch": f'"{if_match}"'}
    with access.errors("reading", key):
        answer: Mapping[str, Any] = access.client.get_object(**access.where(key), **condition)
        _check_that_it_is_it(answer, if_match)
    return answer


def _check_that_it_is_it(answer: Mapping[str, Any], if_match: str | None) -> None:
    """Raises if the answer is not an object of S3, or does not match the condition."""
    etag = etag_in(answer, "GetObject")
    field(answer, "ContentLength", "GetObject")
    if if_match is None or etag == if_match:
        return
    if not is_usual(etag):
        raise not_from_s3("GetObject", f"its ETag is {etag}, and {if_match} was asked for")
    found = {"Error": {"Code": "PreconditionFailed"}, "ResponseMetadata": {"HTTPStatusCode": 412}}
    raise ClientError(found, "GetObject")  # type: ignore[arg-type]


def _resume(access: S3Access, key: str, etag: str, offset: int) -> Mapping[str, Any]:
    """The rest of the same object from ``offset`` on; bytes of another object would be mixed in otherwise."""
    part = {"Range": f"bytes={offset}-"} if offset else {}
    try:
        with access.errors("reading", key):
            answer: Mapping[str, Any] = access.client.get_object(**access.where(key), IfMatch=etag, **part)
            _check_that_it_is_it(answer, etag.strip('"'))
    except (PreconditionFailed, NotFound) as error:
        raise InfrastructureError(f"{access.place()}: {key} was replaced while it was read") from error
    if part and answer["ResponseMetadata"]["HTTPStatusCode"] != 206:
        raise InfrastructureError(f"{access.place()}: {key}: the server does not know requests for a range")
    return answer


def _check_for(answer: Mapping[str, Any]) -> BodyCheck:
    return BodyCheck(answer["ContentLength"], md5_in(answer), answer.get("Metadata", {}).get("sha256"))


def _stored(key: str, body: bytes, answer: Mapping[str, Any]) -> StoredObject:
    headers = Headers(
        content_type=answer.get("ContentType", "application/octet-stream"),
        content_encoding=_without_framing(answer.get("ContentEncoding")),
        cache_control=answer.get("CacheControl"),
        metadata=dict(answer.get("Metadata", {})),
    )
    return StoredObject(key, body, str(answer["ETag"]).strip('"'), headers)


def _without_framing(encoding: str | None) -> str | None:
    """Removes ``aws-chunked``, which some servers store as if it were an encoding of the object."""
    parts = [part.strip() for part in (encoding or "").split(",")]
    return ",".join(part for part in parts if part and part != "aws-chunked") or None
