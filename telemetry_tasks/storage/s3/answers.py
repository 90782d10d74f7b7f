"""Checks that an answer with status 200 is from S3: a proxy or a captive portal may answer instead.

Fields that S3 always sends are required. If one is missing, nothing is known about the object, and a retry helps.
"""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

_USUAL_ETAG = re.compile(r"[0-9a-f]{32}(-[0-9]+)?")


def field(answer: Mapping[str, Any], name: str, action: str) -> Any:
    """A field that each answer to ``action`` has. Raises ``ClientError`` ``NotFromS3``, which is worth a retry."""
    value = answer.get(name)
    if value is None or value == "":
        raise not_from_s3(action, f"it has no {name}")
    return value


def etag_in(answer: Mapping[str, Any], action: str) -> str:
    """The ETag of an answer, without quotes. Raises as ``field`` does."""
    return str(field(answer, "ETag", action)).strip('"')


def is_usual(etag: str) -> bool:
    """Whether an ETag has the form that S3 uses; those of web servers differ."""
    return _USUAL_ETAG.fullmatch(etag) is not None


def not_from_s3(action: str, why: str) -> ClientError:
    """Another server answered 200 instead of S3."""
    error = {"Code": "NotFromS3", "Message": f"{why}: a proxy or another server answers in the place of S3"}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": 0}}, action)
