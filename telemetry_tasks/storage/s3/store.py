"""The object store on S3, or on a compatible server."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from telemetry_tasks.core.chunks import chunks
from telemetry_tasks.errors import InfrastructureError, NotFound
from telemetry_tasks.storage.digests import md5_of
from telemetry_tasks.storage.keys import checked_headers
from telemetry_tasks.storage.objects import PLAIN, Condition, Headers, ObjectInfo, OpenObject, Span, StoredObject
from telemetry_tasks.storage.s3.access import S3Access
from telemetry_tasks.storage.s3.answers import etag_in, field, not_from_s3
from telemetry_tasks.storage.s3.bulk import Outcome, bulk_transfers
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.errors import translated
from telemetry_tasks.storage.s3.read import open_object, read_object
from telemetry_tasks.storage.s3.write import write_object, write_object_if

LARGEST_PAGE = 1000  # keys in one listing or one removal, the limit of S3


class S3ObjectStore:
    """The objects of ``bucket`` below ``prefix``. Connects on first use, separately in each process."""

    def __init__(self, bucket: str, prefix: str, options: S3Options, *, page_size: int = LARGEST_PAGE) -> None:
        prefix = prefix.strip("/")
        self._access = S3Access(bucket, f"{prefix}/" if prefix else "", options)
        self._page_size = page_size
        self._bucket_was_there = False

    @property
    def url(self) -> str:
        return f"s3://{self._access.bucket}/{self._access.prefix}".rstrip("/")

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        root = self._access.prefix
        request = {
            "Bucket": self._access.bucket,
            "Prefix": root + prefix,
            "StartAfter": root + start_after if start_after else "",
            "PaginationConfig": {"PageSize": self._page_size},
        }
        pages = iter(self._access.client.get_paginator("list_objects_v2").paginate(**request))
        while page := self._next_page(pages, prefix):
            for entry in page.get("Contents", ()):
                key = entry["Key"].removeprefix(root)
                if not key:  # the "folder" that consoles make: no object can have this name
                    continue
                yield ObjectInfo(
                    key=key,
                    size=entry["Size"],
                    etag=entry["ETag"].strip('"'),
                    modified=entry["LastModified"].astimezone(UTC),
                )

    def _next_page(self, pages: Iterator[Any], prefix: str) -> Mapping[str, Any] | None:
        with self._access.errors("listing", prefix):
            page: Mapping[str, Any] | None = next(pages, None)
            if page is not None:
                field(page, "IsTruncated", "ListObjectsV2")
            return page

    def head(self, key: str) -> ObjectInfo | None:
        try:
            with self._access.errors("reading", key):
                found = self._access.client.head_object(**self._access.where(key))
                etag, modified = etag_in(found, "HeadObject"), field(found, "LastModified", "HeadObject")
        except NotFound:
            if not self._bucket_was_there:  # the answer to a HEAD has no body that says which of the two is missing
                self.now()
            return None
        return ObjectInfo(key, found["ContentLength"], etag, modified.astimezone(UTC))

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        return read_object(self._access, key, if_match)

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        yield from self.open(key, if_match=if_match, chunk_size=chunk_size).pieces

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        if opened := open_object(self._access, key, span, if_match, chunk_size):
            return opened
        # the refusal of a span says nothing of the object; its pieces end at once when they are closed
        whole = open_object(self._access, key, None, if_match, chunk_size)
        assert whole is not None
        whole.pieces.close()
        return replace(whole, start=whole.info.size, end=whole.info.size)

    def put(self, key: str, body: bytes, *, headers: Headers = PLAIN, only_if: Condition | None = None) -> str:
        checked_headers(headers)
        md5, quick = md5_of(body), bulk_transfers(self._access.bucket, self._access.options)
        outcome = quick.put(self._access.name(key), body, md5, headers, only_if) if quick else Outcome.NOT_STORED
        if outcome is Outcome.STORED:
            return md5
        if only_if is None:
            return write_object(self._access, key, body, headers)
        return write_object_if(self._access, key, body, headers, only_if, unanswered=outcome is Outcome.UNKNOWN)

    def copy(self, source: str, target: str) -> None:
        if source == target:  # S3 refuses it
            if self.head(source) is None:
                raise NotFound(f"{self.url}: no object {source}")
            return
        quick = bulk_transfers(self._access.bucket, self._access.options)
        if quick is not None and quick.copy(self._access.name(source), self._access.name(target)):
            return
        with self._access.errors("copying", source):
            answer = self._access.client.copy_object(
                **self._access.where(target),
                CopySource=self._access.where(source),
                MetadataDirective="COPY",
            )
            etag_in(answer.get("CopyObjectResult", {}), "CopyObject")

    def delete(self, keys: Iterable[str]) -> None:
        for batch in chunks(keys, LARGEST_PAGE):
            # a list of keys is sent as XML, which has no control characters
            alone = [key for key in batch if len(batch) == 1 or not key.isprintable()]
            for key in alone:
                with self._access.errors("deleting", key):
                    self._access.client.delete_object(**self._access.where(key))
            together = [key for key in batch if key not in set(alone)] if alone else batch
            if together:
                self._delete_together(together)

    def _delete_together(self, keys: Iterable[str]) -> None:
        objects = [{"Key": self._access.name(key)} for key in keys]
        with self._access.errors("deleting"):
            answer = self._access.client.delete_objects(
                Bucket=self._access.bucket, Delete={"Objects": objects, "Quiet": False}
            )
            if len(answer.get("Deleted", ())) + len(answer.get("Errors", ())) < len(objects):
                raise not_from_s3("DeleteObjects", "it does not say what became of each object")
        for failure in answer.get("Errors", ()):
            if failure.get("Code") != "NoSuchKey":
                status = 403 if failure.get("Code") == "AccessDenied" else 500
                error = ClientError({"Error": failure, "ResponseMetadata": {"HTTPStatusCode": status}}, "DeleteObjects")
                raise translated(error, self._access.place(), "deleting", failure.get("Key", ""))

    def now(self) -> datetime:
        with self._access.errors("asking for the time"):
            answer = self._access.client.head_bucket(Bucket=self._access.bucket)
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        self._bucket_was_there = True
        if date is None:
            raise InfrastructureError(f"{self._access.place()}: an answer came without a date")
        return parsedate_to_datetime(date).astimezone(UTC)
