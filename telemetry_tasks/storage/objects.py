"""The contract of an object store: the part of S3 that this product needs.

Every adapter (``s3``, ``folder``, ``memory``) passes the one suite in
``tests/storage/test_object_store_contract.py``. A store is rooted at a bucket and a
prefix; keys given and returned are relative to that root.

Errors: ``NotFound``, ``PreconditionFailed``, ``InfrastructureError`` (retry),
``OperatorError`` (no such bucket, no permission, bad credentials).
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
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
class Headers:
    """What is stored beside a body. The names of ``metadata`` are lower case; all of it is printable ASCII.

    A ``sha256`` in the metadata (hex, of the body) is checked whenever the object is read.
    """

    content_type: str = "application/octet-stream"
    content_encoding: str | None = None
    cache_control: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


PLAIN = Headers()
"""The headers of a body that nobody described."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of an object, as HTTP asks for them: from ``first`` to ``last``, both included.

    ``last`` None is the end of the object; ``first`` None means its last ``last`` bytes. Raises ``ValueError``
    if both are None, a number is negative, or ``last`` is before ``first``.
    """

    first: int | None
    last: int | None

    def __post_init__(self) -> None:
        numbers = [number for number in (self.first, self.last) if number is not None]
        if not numbers or min(numbers) < 0 or numbers != sorted(numbers):
            raise ValueError(f"not a span of bytes: {self.first}-{self.last}")

    def within(self, size: int) -> tuple[int, int]:
        """Start and end (not included) in an object of ``size`` bytes; empty if nothing of it is there."""
        if self.first is None:
            return size - min(self.last or 0, size), size
        end = size if self.last is None else min(self.last + 1, size)
        return (self.first, end) if self.first < end else (size, size)

    def __str__(self) -> str:
        """``bytes=0-99``, ``bytes=100-``, ``bytes=-100``."""
        first, last = ("" if number is None else number for number in (self.first, self.last))
        return f"bytes={first}-{last}"


@dataclass(frozen=True, slots=True)
class Absent:
    """Write only if the key does not exist."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Write only over the object with this ETag."""

    etag: str


Condition = Absent | Matches


def still(etag: str | None) -> Condition:
    """The condition that nothing changed since a key was read: ``etag`` is None if it did not exist."""
    return Absent() if etag is None else Matches(etag)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A whole object as read: its length, and its digest if the store keeps one, have been checked."""

    key: str
    body: bytes
    etag: str
    headers: Headers = PLAIN


@dataclass(frozen=True, slots=True)
class OpenObject:
    """An object that is being read: what is known of it, and its bytes from ``start`` to ``end`` (not included).

    Close ``pieces`` if they are not read to their end.
    """

    info: ObjectInfo
    headers: Headers
    start: int
    end: int
    pieces: Generator[bytes, None, None]


class ObjectStore(Protocol):
    """See the module's docstring. Safe to use from several threads of one process; never across a fork."""

    @property
    def url(self) -> str:
        """The location of this store, for messages: ``s3://bucket/prefix``. Contains no secrets."""
        ...

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[ObjectInfo]:
        """All objects whose key starts with ``prefix``, in the order of their UTF-8 bytes, page by page.

        SeaweedFS sorts by the parts of the path, ``a/1`` before ``a-b/1``, and ``start_after`` follows that
        order: so use only the last key of a listing with the same prefix.
        """
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """Size, ETag and time of the object, or None if there is none."""
        ...

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        """The whole object, read again if the body was short or damaged.

        Raises ``NotFound``; ``PreconditionFailed`` if ``if_match`` is given and is not its ETag.
        """
        ...

    def stream(self, key: str, *, if_match: str | None = None, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The object's bytes piece by piece, in bounded memory, resumed by range after a broken read.

        Ends only after the last byte; raises as ``get`` does.
        """
        ...

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        """The object, or a ``span`` of it, with what ``head`` and ``get`` say of it, in one request.

        ``pieces`` are as in ``stream``; those of a span are checked for their number only. If the span begins
        behind the end of the object, ``start`` and ``end`` are its size. Raises as ``get`` does.
        """
        ...

    def put(self, key: str, body: bytes, *, headers: Headers = PLAIN, only_if: Condition | None = None) -> str:
        """Stores ``body`` and returns its ETag.

        Raises ``PreconditionFailed`` if ``only_if`` does not hold, also if another writer turns out to have been
        first after a timed-out try.
        """
        ...

    def copy(self, source: str, target: str) -> None:
        """Copies inside the store, headers and metadata included. Raises ``NotFound``."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Removes the objects; missing ones are not an error."""
        ...

    def now(self) -> datetime:
        """The store's own clock (``Date`` of an answer), UTC: ages of objects are computed by this clock only."""
        ...
