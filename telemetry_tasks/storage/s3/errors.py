"""botocore's exceptions sorted by who has to act, each as one line that names the bucket and the endpoint."""

import socket
import ssl
from collections.abc import Iterator

from botocore import exceptions as aws
from botocore.exceptions import BotoCoreError, ClientError

from telemetry_tasks.errors import (
    InfrastructureError,
    NotFound,
    OperatorError,
    PreconditionFailed,
    TelemetryError,
)

_ADVICE = {
    "NoSuchBucket": "the bucket does not exist: create it, or correct the URL",
    "InvalidBucketName": "no bucket can have this name: correct the URL",
    "InvalidAccessKeyId": "the access key is not known there: set AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret key does not fit the access key: set AWS_SECRET_ACCESS_KEY",
    "InvalidToken": "the session token is not valid: renew AWS_SESSION_TOKEN",
    "ExpiredToken": "the session token has expired: renew the credentials",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
    "PermanentRedirect": "the bucket is in another region: set TELEMETRY_S3_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set TELEMETRY_S3_REGION",
    "IllegalLocationConstraintException": "the bucket is in another region: set TELEMETRY_S3_REGION",
    "InvalidObjectState": "the object is archived: restore it first",
}
# 4xx answers for which a retry may help
_PASSING = {"RequestTimeout", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidDigest"}
_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.ProfileNotFound,
    aws.CredentialRetrievalError,
    aws.TokenRetrievalError,
    aws.NoAuthTokenError,
)
_CONFIGURATION = (
    aws.NoRegionError,
    aws.InvalidRegionError,
    aws.UnknownEndpointError,
    aws.EndpointProviderError,
)


def code_of(error: ClientError) -> str:
    """The S3 error code, ``NoSuchKey``; the HTTP status as text if the answer had no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer, 0 if unknown."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def translated(error: ClientError | BotoCoreError, place: str, action: str, key: str = "") -> TelemetryError:
    """The error of this package for ``error`` at ``place`` (bucket, endpoint) during ``action`` on ``key``."""
    where = f"{place}: {action} {key}".rstrip()
    if isinstance(error, ClientError):
        return _answered(error, where, of_object=bool(key))
    if isinstance(error, _CREDENTIALS):
        return OperatorError(f"{where}: no usable AWS credentials ({error}): set AWS_ACCESS_KEY_ID and _SECRET_")
    if isinstance(error, _CONFIGURATION):
        return OperatorError(f"{where}: {error}: set TELEMETRY_S3_REGION and TELEMETRY_S3_ENDPOINT_URL")
    if _is_unknown_host(error):
        return OperatorError(f"{where}: the endpoint's name is unknown: correct TELEMETRY_S3_ENDPOINT_URL")
    if _is_bad_certificate(error):
        return OperatorError(f"{where}: the endpoint's certificate is not trusted ({error})")
    return InfrastructureError(f"{where}: {error}")


def _answered(error: ClientError, where: str, *, of_object: bool) -> TelemetryError:
    code, status = code_of(error), status_of(error)
    message = str(error.response.get("Error", {}).get("Message", "")) or code
    if code == "404" and not of_object:  # the answer to a HEAD of the bucket has no body
        code = "NoSuchBucket"
    if code in _ADVICE:
        return OperatorError(f"{where}: {_ADVICE[code]} ({code})")
    if code in {"NoSuchKey", "404", "NotFound"}:
        return NotFound(f"{where}: no such object")
    if status == 412:
        return PreconditionFailed(f"{where}: exists already, or is not the expected object")
    if status in {401, 403}:
        return OperatorError(f"{where}: not permitted ({code}: {message}): check keys and bucket policy")
    if status >= 500 or status in {0, 200, 409, 429} or code in _PASSING:
        return InfrastructureError(f"{where}: the server answered {status} {code}: {message}")
    return OperatorError(f"{where}: refused with {status} {code}: {message}")


def _is_unknown_host(error: BaseException) -> bool:
    """Whether the name does not exist; an unavailable name server is a temporary failure."""
    lookups = [cause for cause in _causes(error) if isinstance(cause, socket.gaierror)]
    return any(lookup.errno != socket.EAI_AGAIN for lookup in lookups)


def _is_bad_certificate(error: BaseException) -> bool:
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
