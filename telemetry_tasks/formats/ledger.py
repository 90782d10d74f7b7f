"""Partitions and ledger entries as bytes: as the state in Redis and checkpoints keep them."""

from collections.abc import Iterable
from typing import Any

import msgpack
import zstandard

from telemetry_tasks.core.partition import FileRef, LedgerEntry, Partition
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.frames import decompressed

SCHEMA = 2


def encode_partition(partition: Partition) -> bytes:
    """A partition as msgpack: ``[schema, id, channel/version, generation, [[key, etag, size], …]]``."""
    return msgpack.packb([SCHEMA, *_partition_fields(partition)])


def decode_partition(data: bytes) -> Partition:
    """Decodes a partition. Raises ``DataError`` ``bad-partition``."""
    try:
        schema, *fields = msgpack.unpackb(data)
        if schema != SCHEMA:
            raise ValueError(f"schema {schema!r} is not known here")
        return _partition(fields)
    except (msgpack.UnpackException, ValueError, TypeError) as error:
        raise DataError("bad-partition", str(error)) from error


def _partition_fields(partition: Partition) -> list[Any]:
    return [partition.id, partition.channel_version, partition.generation, partition.files]


def _partition(fields: list[Any]) -> Partition:
    identity, channel_version, generation, files = fields
    return Partition(identity, channel_version, tuple(FileRef(*file) for file in files), generation)


def encode_entries(entries: Iterable[LedgerEntry]) -> bytes:
    """Ledger entries, sorted by partition, as zstd of msgpack."""
    rows = [
        [*_partition_fields(entry.partition), entry.digest, [_report_fields(report) for report in entry.reports]]
        for entry in sorted(entries, key=lambda entry: entry.partition.id)
    ]
    return zstandard.ZstdCompressor(level=3).compress(msgpack.packb([SCHEMA, rows]))


def decode_entries(data: bytes) -> list[LedgerEntry]:
    """Decodes the entries. Raises ``DataError`` ``bad-ledger``."""
    try:
        schema, rows = msgpack.unpackb(decompressed(data))
        if schema != SCHEMA:
            raise ValueError(f"schema {schema!r} is not known here")
        return [
            LedgerEntry(_partition(fields), digest, tuple(FileReport(*report) for report in reports))
            for *fields, digest, reports in rows
        ]
    except (zstandard.ZstdError, msgpack.UnpackException, ValueError, TypeError) as error:
        raise DataError("bad-ledger", str(error)) from error


def _report_fields(report: FileReport) -> list[Any]:
    bad: dict[str, int] = {}
    left_out: dict[str, int] = {}
    if report.bad or report.left_out:  # most files have neither, and there may be many tiny files
        bad, left_out = dict(sorted(report.bad.items())), dict(sorted(report.left_out.items()))
    return [report.key, report.etag, report.size, report.day, report.good, bad, left_out, report.error]
