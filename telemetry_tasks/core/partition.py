"""Partitions: which ping files are aggregated together, and what became of them. Ids are digests of the contents."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from telemetry_tasks.core.result import RULES_VERSION, FileReport

ABSENT = "absent"
"""Stands for the ETag of a file that was gone or replaced when it was read."""

LONGEST_KEY = 1024
"""Bytes of UTF-8 of an object's key, a rule of S3."""


def is_object_key(key: str) -> bool:
    """Whether an object can have this key: not empty, and not too long. ``ValueError`` if it is not valid Unicode."""
    return 1 <= len(key.encode()) <= LONGEST_KEY


class FileRef(NamedTuple):
    """A ping file as discovered."""

    key: str
    etag: str
    size: int


class Owner(NamedTuple):
    """What the state records for a registered file: its ETag, and the id of the partition that it is in."""

    etag: str
    partition: str


@dataclass(frozen=True, slots=True)
class Partition:
    """The unit of work: ping files of one channel/version, sorted by key. ``generation`` counts reprocessings."""

    id: str
    channel_version: str
    files: tuple[FileRef, ...]
    generation: int = 1

    @property
    def bytes(self) -> int:
        """Compressed bytes of its files."""
        return sum(file.size for file in self.files)

    def owners(self) -> dict[str, Owner]:
        """The owners of its files, by key, as they were discovered."""
        return {file.key: Owner(file.etag, self.id) for file in self.files}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A partition that counts: where its result is (``digest`` is the SHA-256 of its bytes) and what is in it."""

    partition: Partition
    digest: str
    reports: tuple[FileReport, ...]

    def owners(self) -> dict[str, Owner]:
        """The owners of its files, by key.

        A file that was gone or replaced when it was read gets an ETag that no object has: any file that the next
        discovery finds under its key differs and is aggregated, even if it is the one that was registered.
        """
        absent = {report.key for report in self.reports if not report.was_there}
        owners = self.partition.owners()
        return {**owners, **{key: Owner(ABSENT, self.partition.id) for key in owners if key in absent}}


def partition_of(channel_version: str, files: Iterable[FileRef], generation: int = 1, settings: str = "") -> Partition:
    """The partition of these files. The same files and generation give the same id, changed files a different one.

    ``settings`` is the fingerprint of all settings that change its result (``Services.fingerprint``): other
    settings give a different id, so a result made with other settings is never found under this one.
    """
    files = tuple(sorted(files))
    text = "\n".join(
        (
            f"rules {RULES_VERSION}",
            settings,
            channel_version,
            str(generation),
            *(_line(file) for file in files),
        )
    )
    return Partition(_digest(text), channel_version, files, generation)


def _line(file: FileRef) -> str:
    """A file as it enters its partition's id, unambiguous for every key."""
    line = f"{file.key}\t{file.etag}"
    usual = line.count("\t") == 1 and "\n" not in line
    return line if usual else f"\t{(file.key, file.etag)!a}"


def batch_id(partitions: Iterable[str]) -> str:
    """The id of the batch of these partitions."""
    return _digest("\n".join(sorted(partitions)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
