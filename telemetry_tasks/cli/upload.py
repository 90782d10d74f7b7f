"""Puts ping files into a bucket, each once."""

from dataclasses import dataclass

from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.storage.digests import md5_of
from telemetry_tasks.storage.objects import ObjectInfo, ObjectStore

NEW, SAME, REPLACED = "new", "same", "replaced"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One file: ``outcome`` is new, same (nothing was written) or replaced; ``size`` in bytes."""

    key: str
    size: int
    outcome: str


def upload(store: ObjectStore, key: str, body: bytes) -> Uploaded:
    """Stores the file under its key, unless it is there already."""
    try:
        there = store.head(key)
    except ValueError as error:
        raise OperatorError(f"{key[:80]!r} cannot be a key of an object: {error}") from error
    if there is not None and there.size == len(body) and _holds(store, there, body):
        return Uploaded(key, len(body), SAME)
    store.put(key, body)
    return Uploaded(key, len(body), NEW if there is None else REPLACED)


def _holds(store: ObjectStore, there: ObjectInfo, body: bytes) -> bool:
    """Whether the bytes are the same. The ETag of an encrypted or multipart object is not an MD5."""
    return there.etag == md5_of(body) or store.get(there.key).body == body


def refuse_bad_keys(faults: list[DataError], files: int) -> None:
    """Raises ``OperatorError`` if any file has no usable key: then nothing is uploaded."""
    if faults:
        raise OperatorError(
            f"{len(faults)} of {files} files cannot be ping files by their keys ({faults[0]}): say with --root where "
            "the keys begin. Nothing was uploaded"
        )
