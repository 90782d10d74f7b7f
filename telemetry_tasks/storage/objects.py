"""The contract of an object store, as much of S3 as this product needs.

Every adapter (``s3``, ``folder``, ``memory``) passes the one suite in
``tests/storage/test_object_store_contract.py``. A store is rooted at a bucket and a
prefix; keys given and returned are relative to that root.

Errors: ``NotFound``, ``PreconditionFailed``, ``InfrastructureError`` (retry),
``OperatorError`` (no such bucket, no permission, bad credentials).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One listed object: ``size`` in bytes, ``etag`` without quotes, ``modified`` in UTC by the store's clock."""

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A whole object as read: its length, and its digest where the store keeps one, have been checked."""

    key: str
    body: bytes
    etag: str
    content_type: str = "application/octet-stream"
    content_encoding: str | None = None
    cache_control: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class ObjectStore(Protocol):
    """See the module's docstring. Safe to use from several threads of one process; never across a fork."""

    @property
    def url(self) -> str:
        """Where this store is, for messages: ``s3://bucket/prefix``. Holds no secret."""
        ...

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        """All objects whose key starts with ``prefix``, in the order of their UTF-8 bytes, page by page.

        SeaweedFS sorts by the parts of the path, ``a/1`` before ``a-b/1``, and starts after a name in that
        order: so take for ``start_after`` only the last key of a listing with the same prefix.
        """
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """The object's facts, or None where there is none."""
        ...

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        """The whole object, re-read when the body came short or damaged.

        Raises ``NotFound``; ``PreconditionFailed`` where ``if_match`` is given and is not its ETag.
        """
        ...

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The object's bytes piece by piece, in bounded memory, resumed by range after a broken read.

        Ends only when every byte has been given; raises as ``get`` does.
        """
        ...

    def put(
        self,
        key: str,
        body: bytes,
        *,
        content_type: str = "application/octet-stream",
        content_encoding: str | None = None,
        cache_control: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_none_match: bool = False,
        if_match: str | None = None,
    ) -> str:
        """Stores ``body`` and returns its ETag.

        With ``if_none_match`` only where there is no such key, with ``if_match`` only over the object with
        that ETag; ``PreconditionFailed`` otherwise, also where the outcome of a timed-out try proves to be
        another's. A ``sha256`` in the metadata (hex, of ``body``) is checked whenever the object is read.
        """
        ...

    def copy(self, source: str, target: str) -> None:
        """Copies inside the store, headers and metadata included. Raises ``NotFound``."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Removes the objects; those that do not exist are no error."""
        ...

    def now(self) -> datetime:
        """The store's own clock (``Date`` of an answer), UTC: the only one that ages of objects are told by."""
        ...
