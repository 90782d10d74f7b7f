"""Partial results in the results prefix: ``results/<channel>/<version>/<partition id>``, written once.

Beside them are merged slices, the sums of some of them, until their batch is merged.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.partition import FileRef, LedgerEntry, Partition
from telemetry_tasks.core.reading import told_differences
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.errors import DamagedObject, DataError, PreconditionFailed
from telemetry_tasks.formats import partial
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.objects import Absent, Headers, Matches, ObjectStore, StoredObject

MERGED_SLICES = "merged-slices"
"""The folder of merged slices: ``merged-slices/<channel>/<version>/<digest and random>``."""


@dataclass(frozen=True)
class Stored:
    """A partial result as it is stored; ``digest`` is the SHA-256 of its bytes."""

    digest: str
    result: Result


def result_key(channel_version: str, partition: str) -> str:
    """The key of the partition's result."""
    return f"results/{channel_version}/{partition}"


def store_result(store: ObjectStore, partition: Partition, result: Result) -> str:
    """Stores the result, or finds it stored; gives the digest of what is there now."""
    key, body = result_key(partition.channel_version, partition.id), partial.encode(result)
    digest = digest_of(body)
    headers = Headers(metadata={"sha256": digest})
    try:
        store.put(key, body, headers=headers, only_if=Absent())
        return digest
    except PreconditionFailed:
        there = _readable(store, key)
    if there is not None:
        return digest_of(there.body)
    # damaged, or by older rules. Nothing that counts can rely on it.
    found = store.head(key)
    store.put(key, body, headers=headers, only_if=Matches(found.etag) if found else None)
    return digest


def _readable(store: ObjectStore, key: str) -> StoredObject | None:
    try:
        there = store.get(key)
        partial.decode(there.body)
    except (DataError, DamagedObject):
        return None
    return there


def load_result(
    store: ObjectStore, channel_version: str, partition: str, digest: str | None = None, *, any_rules: bool = False
) -> Stored:
    """The stored result. Raises ``NotFound``; ``DataError`` if it is damaged or not the one of ``digest``.

    A result by other rules is refused too, unless ``any_rules`` is set.
    """
    body = store.get(result_key(channel_version, partition)).body
    found = digest_of(body)
    if digest is not None and found != digest:
        raise DataError("bad-result", f"the result of partition {partition} is not the one that was stored")
    return Stored(found, partial.decode(body, any_rules=any_rules))


def with_settings(stored: Stored, reading: str) -> Stored:
    """The same if its rows mean what those of this process mean. Raises ``DataError`` ``other-settings``."""
    if stored.result.reading != reading:
        raise DataError("other-settings", told_differences(stored.result.reading, reading))
    return stored


def entry_of(partition: Partition, stored: Stored) -> LedgerEntry:
    """What the ledger says of the partition."""
    return LedgerEntry(partition, stored.digest, stored.result.files)


def not_counted(services: Services, files: Iterable[FileRef], error: str | None) -> tuple[FileReport, ...]:
    """Reports of files of which no ping was read, with the reason if they are missing."""
    return tuple(FileReport(f.key, f.etag, f.size, services.day_of(f.key), error=error) for f in files)
