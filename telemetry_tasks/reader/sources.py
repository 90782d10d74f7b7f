"""Where published objects are read: a folder, an HTTP server, a bucket. By their path, whole or a span of bytes."""

import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Protocol

from telemetry_tasks.reader.errors import NotThere, ReaderError

SECONDS = 30.0
"""How long a server may be silent."""


class Source(Protocol):
    """Objects by their path below the published prefix."""

    place: str

    def read(self, path: str) -> bytes:
        """The whole object, as it is stored. Raises ``NotThere`` and ``ReaderError``."""
        ...

    def span(self, path: str, begin: int, end: int) -> bytes:
        """The bytes from ``begin`` to before ``end``. Raises ``NotThere`` and ``ReaderError``."""
        ...


def source_of(place: str) -> Source:
    """The source at an address, or in a folder."""
    if place.startswith(("http://", "https://")):
        return HttpSource(place)
    if place.startswith("s3://"):
        return S3Source(place)
    if "://" in place:
        raise ReaderError(f"{place} cannot be read: give a folder, or an address with http://, https:// or s3://")
    return FolderSource(place)


class FolderSource:
    """A folder with the published objects as files."""

    def __init__(self, place: str) -> None:
        self.place, self._folder = place, Path(place)

    def read(self, path: str) -> bytes:
        return self._read(path, 0, None)

    def span(self, path: str, begin: int, end: int) -> bytes:
        return self._read(path, begin, end - begin)

    def _read(self, path: str, begin: int, size: int | None) -> bytes:
        try:
            with (self._folder / path).open("rb") as file:
                file.seek(begin)
                return file.read(-1 if size is None else size)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotThere(f"{self._folder / path} does not exist") from error
        except OSError as error:
            raise ReaderError(f"{self._folder / path} cannot be read: {error.strerror}") from error


class HttpSource:
    """A server that answers ranges of bytes, such as ``workers.page`` or an object store."""

    def __init__(self, place: str) -> None:
        self.place = place.rstrip("/")

    def read(self, path: str) -> bytes:
        return self._get(path, None)

    def span(self, path: str, begin: int, end: int) -> bytes:
        return self._get(path, (begin, end))

    def _get(self, path: str, span: tuple[int, int] | None) -> bytes:
        address = f"{self.place}/{urllib.parse.quote(path)}"
        headers = {} if span is None else {"Range": f"bytes={span[0]}-{span[1] - 1}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=SECONDS) as answer:
                body: bytes = answer.read()
                whole = answer.status != 206
        except urllib.error.HTTPError as error:
            if error.code in (403, 404):  # a bucket says 403 where its objects may not be listed
                raise NotThere(f"{address} does not exist") from error
            raise ReaderError(f"{address} answered {error.code} {error.reason}") from error
        except OSError as error:  # of urllib and of sockets
            raise ReaderError(f"{address} does not answer: {getattr(error, 'reason', error)}") from error
        return body[span[0] : span[1]] if span is not None and whole else body


class S3Source:
    """A bucket, by boto3 and its usual settings (``AWS_…``, ``~/.aws``)."""

    def __init__(self, place: str, client: Any = None) -> None:
        self.place = place.rstrip("/")
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        self._bucket, self._prefix, self._client = bucket, prefix.strip("/"), client or _client()

    def read(self, path: str) -> bytes:
        return self._get(path, {})

    def span(self, path: str, begin: int, end: int) -> bytes:
        return self._get(path, {"Range": f"bytes={begin}-{end - 1}"})

    def _get(self, path: str, options: dict[str, str]) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError

        key = f"{self._prefix}/{path}" if self._prefix else path
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=key, **options)["Body"].read()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("NoSuchKey", "NoSuchBucket", "404"):
                raise NotThere(f"s3://{self._bucket}/{key} does not exist") from error
            raise ReaderError(f"s3://{self._bucket}/{key}: {error}") from error
        except BotoCoreError as error:
            raise ReaderError(f"s3://{self._bucket}/{key}: {error}") from error
        return body


def _client() -> Any:
    try:
        import boto3
    except ImportError as error:
        raise ReaderError("s3:// addresses need boto3: pip install boto3") from error
    return boto3.client("s3")
