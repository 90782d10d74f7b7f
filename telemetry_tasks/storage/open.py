"""Object stores by their URL."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.storage.local.store import FolderObjectStore
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.s3.client import S3Options
from telemetry_tasks.storage.s3.store import S3ObjectStore

_ALLOWED = "s3://bucket/prefix, folder:///absolute/path or memory://name"


def open_object_store(url: str, s3: S3Options) -> ObjectStore:
    """The store at ``url``; does not connect yet. ``memory://name`` is the same store everywhere in a process.

    Raises ``OperatorError`` for any other URL.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "s3" and rest.partition("/")[0]:
        bucket, _, prefix = rest.partition("/")
        return S3ObjectStore(bucket, prefix, s3)
    if separator and scheme == "folder" and rest.startswith("/"):
        return FolderObjectStore(Path(unquote(rest)))
    if separator and scheme == "memory" and rest:
        return _memory_store(rest)
    raise OperatorError(f"{url!r} is not an object store: use {_ALLOWED}")


@cache
def _memory_store(name: str) -> MemoryObjectStore:
    return MemoryObjectStore(name)
