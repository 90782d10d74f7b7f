"""Reads S3 objects completely and checks them. botocore retries a request, but not the reading of its body.

A broken connection raises or gives a short body, and damage raises nothing: so length and digests are
checked here, and the body is read again if needed.
"""

import re
from collections.abc import Generator, Mapping
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError, FlexibleChecksumError, HTTPClientError, IncompleteReadError
from urllib3.exceptions import HTTPError

from telemetry_tasks.errors import DamagedObject, InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.storage.digests import BodyCheck, md5_in
from telemetry_tasks.storage.objects import Headers, ObjectInfo, OpenObject, Span, StoredObject
from telemetry_tasks.storage.s3.access import TRIES, S3Access, pause
from telemetry_tasks.storage.s3.answers import etag_in, field, is_usual, not_from_s3
from telemetry_tasks.storage.s3.errors import status_of

# errors of reading from an open connection; botocore passes on some of urllib3's
_BROKEN = (HTTPClientError, IncompleteReadError, FlexibleChecksumError, HTTPError, OSError)

_CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-[0-9]+/([0-9]+)")


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


def open_object(
    access: S3Access, key: str, span: Span | None, if_match: str | None, chunk_size: int
) -> OpenObject | None:
    """The object or a span of it, as the contract says; None if nothing of the span is in the object."""
    try:
        answer = _open(access, key, if_match, span)
    except _Unsatisfiable:
        return None
    start, size = _place(answer)
    end = start + answer["ContentLength"]
    info = ObjectInfo(key, size, etag_in(answer, "GetObject"), answer["LastModified"].astimezone(UTC))
    check = _check_for(answer) if end - start == size else BodyCheck(end - start, None, None)
    return OpenObject(info, _headers(answer), start, end, _pieces(access, answer, info, start, check, chunk_size))


def _place(answer: Mapping[str, Any]) -> tuple[int, int]:
    """Where the answer's bytes begin in the object, and the size of the object."""
    found = _CONTENT_RANGE.fullmatch(answer.get("ContentRange") or "")
    return (int(found[1]), int(found[2])) if found else (0, int(answer["ContentLength"]))


def _pieces(
    access: S3Access, answer: Mapping[str, Any], info: ObjectInfo, start: int, check: BodyCheck, chunk_size: int
) -> Generator[bytes, None, None]:
    """The bytes that were asked for; if the connection breaks, it requests the rest of the same object.

    Damage is found after the last piece: then it raises ``DamagedObject`` instead of ending.
    """
    key, end = info.key, start + check.length
    tries = 0
    try:
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
            answer = _resume(access, key, info, start + check.received, end)
    finally:
        answer["Body"].close()
    if damage := check.damage():
        raise DamagedObject(f"{access.place()}: {key}: {damage}")


class _Unsatisfiable(Exception):
    """The object ends before the span that was asked for."""


def _open(access: S3Access, key: str, if_match: str | None, span: Span | None = None) -> Mapping[str, Any]:
    asked = {} if if_match is None else {"IfMatch": f'"{if_match}"'}
    if span is not None:
        asked["Range"] = str(span)
    with access.errors("reading", key):
        try:
            answer: Mapping[str, Any] = access.client.get_object(**access.where(key), **asked)
        except ClientError as error:
            if span is not None and status_of(error) == 416:
                raise _Unsatisfiable from error
            raise
        _check_that_it_is_it(answer, if_match)
        field(answer, "LastModified", "GetObject")
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


def _resume(access: S3Access, key: str, info: ObjectInfo, offset: int, end: int) -> Mapping[str, Any]:
    """The bytes from ``offset`` to ``end`` of the same object; those of another would be mixed in otherwise."""
    part = Span(offset, end - 1) if (offset, end) != (0, info.size) else None
    try:
        answer = _open(access, key, info.etag, part)
    except (PreconditionFailed, NotFound, _Unsatisfiable) as error:
        raise InfrastructureError(f"{access.place()}: {key} was replaced while it was read") from error
    if part and answer["ResponseMetadata"]["HTTPStatusCode"] != 206:
        raise InfrastructureError(f"{access.place()}: {key}: the server does not know requests for a range")
    return answer


def _check_for(answer: Mapping[str, Any]) -> BodyCheck:
    return BodyCheck(answer["ContentLength"], md5_in(answer), answer.get("Metadata", {}).get("sha256"))


def _stored(key: str, body: bytes, answer: Mapping[str, Any]) -> StoredObject:
    return StoredObject(key, body, str(answer["ETag"]).strip('"'), _headers(answer))


def _headers(answer: Mapping[str, Any]) -> Headers:
    return Headers(
        content_type=answer.get("ContentType", "application/octet-stream"),
        content_encoding=_without_framing(answer.get("ContentEncoding")),
        cache_control=answer.get("CacheControl"),
        metadata=dict(answer.get("Metadata", {})),
    )


def _without_framing(encoding: str | None) -> str | None:
    """Removes ``aws-chunked``, which some servers store as if it were an encoding of the object."""
    parts = [part.strip() for part in (encoding or "").split(",")]
    return ",".join(part for part in parts if part and part != "aws-chunked") or None
